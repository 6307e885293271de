"""Every rule of the pack, in order of precedence: of two equally sure rules that claim a span, the earlier wins.

To add a provider: write `rules/NAME.py` with `RULES`, put NAME into the list, run `secretguard rules test`.
"""

from __future__ import annotations

from importlib import import_module

from secretguard.detect.rule import Rule

PROVIDERS = """
    ably adafruit adyen aikido airtable aiven algolia alibaba amplitude anthropic apify artifactory asaas asana
    assemblyai atlassian atlassian_scoped authress aws axiom azure baremetrics beamer bitbucket bitly bitrise
    bittrex bitwarden braintree brave brevo browserbase buildkite cal canadanotify canva cerebras cfx checkly
    checkout circleci clickhouse clickup clojars cloudflare cloudflare_origin cloudsmith cockroachdb codacy
    codeclimate codecov coderabbit cohere coinbase configcat confluent contentful courier coveralls coze cratesio
    cursor databento databricks datadog datagov datastax daytona dbt deepgram deepseek definednetworking deno
    dependencytrack depot descope devcycle devin diffbot digitalocean discord disqus docker doppler dropbox duffel
    dynatrace e2b easypost elevenlabs endorlabs exoscale facebook fastly fauna figma finicity finnhub firecrawl
    fireworks flutterwave flyio frameio freshbooks freshdesk friendli ghost gitea github gitlab gitter gocardless
    google grafana groq gumroad harness helicone heroku honeycomb hubspot huggingface ibm imgix infisical infracost
    infura inngest intercom intra42 ionic jina jumpcloud kagi klaviyo kraken kucoin langfuse langsmith lark
    launchdarkly lichess linear linkedin liveblocks looker mailchimp mailersend mailgun mapbox mattermost mem0
    mercury mergify messagebird midtrans mistral modal mollie mongodb_atlas msteams neon netlify newrelic
    newrelic_pixie ngrok nightfall notion novita npm nuget nvidia nylas octopus okta onepassword onesignal onfido
    openai openrouter openshift openweather opsgenie paddle pagarme pagerduty pangea perplexity persona pinecone
    pinterest plaid plaid_tokens planetscale plivo polar posthog postman postmark prefect pubnub pubnub_keys pulumi
    pydantic_logfire pypi rapidapi razorpay readme redirectpizza refiner render replicate resend retellai riot
    rootly rubygems runpod runway samsara sanity scaleway scalingo scrapfly segment sendbird sendgrid sentry
    settlemint shippo shopify slack snyk socket sonar sourcegraph square squarespace stabilityai stackhawk statsig
    storecove stripe stytch sumologic supabase supernotes tailscale tavily teamwork telegram telnyx terraform
    thunderstore tinesio tinybird together travisci trello trigger truenas twilio twitch twitter typeform ubidots
    unkey upcloud upstage valtown vault vercel voiceflow voyageai wakatime wandb xai xata yandex zapier zendesk
    zhipu zoho zuplo
""".split()  # noqa: SIM905 - four hundred names as words can be read
"""One file a provider, by name: formats that a vendor describes."""

GENERAL = ("private_key", "connection", "jwt", "http", "generic")
"""Then what any vendor may use, from the plainest shape to the vaguest; a provider's own rule goes before them."""


def _rules(name: str) -> tuple[Rule, ...]:
    rules: tuple[Rule, ...] = import_module(f"secretguard.detect.rules.{name}").RULES
    return rules


RULES: tuple[Rule, ...] = tuple(rule for name in (*PROVIDERS, *GENERAL) for rule in _rules(name))

BY_ID = {rule.id: rule for rule in RULES}

PEER_TYPES = {rule.id: rule.peer_type for rule in RULES if rule.peer_type}
"""Rule → the name under which detect-secrets keeps the same kind of secret."""
