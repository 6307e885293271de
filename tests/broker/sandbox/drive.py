"""Starts one command in a tier and prints what it printed: a process of its own, so that its environment and arguments
hold a canary, and so that it can be another user's. The order is JSON on standard input; tier `none` is no sandbox."""

from __future__ import annotations

import json
import subprocess
import sys

from broker.sandbox import plan, selftest, tier


def main() -> None:
    order = json.load(sys.stdin)
    if order["tier"] == "none":
        done = subprocess.run(order["command"], cwd=order["workspace"], capture_output=True, text=True, timeout=30)
        print(done.stdout + done.stderr)
        sys.exit(done.returncode)
    chosen = tier.TIERS[order["tier"]]()
    if order.get("selftest"):
        print(json.dumps(selftest.failures(chosen)))
        return
    made = plan.make_plan(
        order["command"], order["workspace"], "t-drive", order["task_socket"],
        readable=order["readable"], scratch=order["scratch"],
    )  # fmt: skip
    running = chosen.start(made, capture=True)
    output, _ = running.process.communicate(timeout=30)
    running.stop()
    sys.stdout.write(output.decode())
    sys.exit(running.process.returncode)


if __name__ == "__main__":
    main()
