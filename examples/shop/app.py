"""The shop's payment service."""

import os

import payments


def main() -> None:
    """Charge one order with the settings of the environment."""
    print(payments.charge(order="A-1001", cents=1999, key=os.environ["STRIPE_KEY"]))


if __name__ == "__main__":
    main()
