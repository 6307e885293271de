"""Every rule of the pack, in order of precedence: of two equally sure rules that claim a span, the earlier wins.

To add a provider: write `rules/NAME.py` with `RULES`, put NAME into the list, run `secretguard rules test`.
"""

from __future__ import annotations

from importlib import import_module

from secretguard.detect.rule import Rule

PROVIDERS = """
    ably abstractapi abuseipdb accuweather activecampaign adafruit adobe adyen agora ai21 aikido airbrake airship
    airtable airvisual aiven alchemy algolia alibaba alphavantage ambee amplitude anthropic anypoint apify apilayer
    apimatic appsflyer artifactory asaas asana assemblyai atlassian atlassian_scoped auth0 authress autodesk aws
    axiom aylien azure backblaze bannerbear baremetrics baseten beamer betterstack bingmaps bitbucket bitly bitrise
    bittrex bitwarden blockcypher blocknative blynk boxcom braintree branchio brave braze brevo browserbase
    browserstack browshot bscscan budibase bugsnag buildkite bunny buttercms cal calendarific canadanotify canva
    cashfree censys cerebras cfx chartmogul chatwork checkly checkmarx checkout circleci civo clarifai clearbit
    clickhouse clicksend clickup clockify clojars cloudconvert cloudflare cloudflare_origin cloudinary cloudmersive
    cloudsmith cockroachdb codacy codeclimate codecov coderabbit cohere coinapi coinbase coinmarketcap configcat
    confluent constantcontact contentful convertapi convertkit courier coveralls coze craftmypdf cratesio crowdin
    crowdstrike cryptocompare currents cursor customerio cypress dailyco databento databricks datadog datagov
    datarobot datastax daytona dbt deepai deepgram deepl deepseek definednetworking delighted deno dependencytrack
    depot deputy descope detectlanguage devcycle deviantart devin diffbot digitalocean discogs discord disqus docker
    docker_swarm docparser docusign domo doppler droneci dropbox duffel dynalist dynatrace e2b easypost ebay edamam
    elastic elasticemail elevenlabs endorlabs etsy eventbrite exchangerateapi exoscale facebook fastly fastspring
    fauna fcm figma fingerprintjs finicity finnhub firecrawl fireworks fleetbase flickr flutterwave flyio foursquare
    frameio freshbooks freshdesk friendli fullcontact fullstory gemini_api gemini_exchange geoapify getresponse
    ghost giphy gitea gitguardian github gitlab gitter glassnode gocardless google grafana graphhopper greptile
    groovehq groq gtmetrix guardianapi gumroad gyazo happyscribe harness helicone helpscout hereapi heroku hetzner
    holidayapi honeycomb hubspot huggingface hunterio ibm iconfinder iexcloud imagekit imagga imgix imgur infisical
    influxdb infomaniak infracost infura inngest instagram intercom intra42 ionic ip2location ipdata ipgeolocation
    ipinfo ipqualityscore iterable jina jotform jumpcloud kagi keenio kickbox klaviyo klingai klipfolio kontentai
    kraken kucoin langfuse langsmith lark launchdarkly lemlist lichess lighton linear linenotify linkedin linode
    liveblocks locationiq logdna loggly logzio lokalise looker loyverse mailchimp mailerlite mailersend mailgun
    mailjet mandrill mapbox mapquest mattermost mem0 meraki mercury mergify messagebird messari midtrans minimax
    mistral mixpanel modal mollie mongodb_atlas monkeylearn moralis msteams nasdaqdatalink neon netlify newrelic
    newrelic_pixie newsapi newscatcher nexmo nftport ngrok nightfall notion novita npm nuget nvidia nylas nytimes
    oanda octopus okta ollama omnisend onepassword onesignal onfido openai opencage openrouter openshift openuv
    openweather opsgenie optimizely ovh owlbot packagecloud paddle pagarme pagerduty pandadoc pangea particle
    pastebin paymongo paypal pendo peopledatalabs perplexity persona pexels pinecone pinterest pipedrive plaid
    planetscale plivo podio polar polygonio polymarket posthog postman postmark prefect prodpad pubnub pulumi
    pushbullet pusherapp pydantic_logfire pypi qase qubole ramp rapidapi rawg razorpay readme rebrandly recaptcha
    redirectpizza redislabs refiner render replicate resend restpack retellai riot rollbar rootly rubygems runpod
    runway samsara sanity saucelabs scaleai scaleway scalingo scrapeowl scraperapi scrapfly scrapingant scrapingbee
    scrutinizer securitytrails segment semaphore sematext sendbird sendgrid sentry serpapi serper settlemint shippo
    shodan shopify shortio signalwire signaturit simplesat slack smartsheet smartystreets snyk socket sonar
    sourcegraph sparkpost splunkoncall spoonacular spotify square squarespace sslmate stabilityai stackhawk statsig
    statuspage stitchdata stockdata storecove stormglass strava stripe stytch sumologic supabase supernotes
    survicate tailscale tavily teamcity teamwork telegram telesign telnyx terraform theoddsapi thingsboard
    thunderstore ticketmaster tiingo tinesio tinybird tmdb todoist together toggl tomorrowio tomtom tradier
    transloadit travisci trello trigger truenas tumblr twelvedata twilio twitch twitter typeform ubidots unkey
    unsplash upcloud upstage uptimerobot urlscan valtown vault veracode vercel virustotal voiceflow voyageai vultr
    wakatime walkscore wandb weatherapi weatherbit webex webflow wireguard wistia wit wpengine xai xata yandex yelp
    youneedabudget zapier zendesk zenrows zenscrape zerobounce zerotier zhipu zipcodebase zoho zuplo
""".split()  # noqa: SIM905 - four hundred names as words can be read
"""One file a provider, by name: formats that a vendor describes."""

GENERAL = ("private_key", "connection", "jwt", "http", "password_hash", "command_line", "generic")
"""Then what any vendor may use, from the plainest shape to the vaguest; a provider's own rule goes before them."""


def _rules(name: str) -> tuple[Rule, ...]:
    rules: tuple[Rule, ...] = import_module(f"secretguard.detect.rules.{name}").RULES
    return rules


RULES: tuple[Rule, ...] = tuple(rule for name in (*PROVIDERS, *GENERAL) for rule in _rules(name))

BY_ID = {rule.id: rule for rule in RULES}

PEER_TYPES = {rule.id: rule.peer_type for rule in RULES if rule.peer_type}
"""Rule → the name under which detect-secrets keeps the same kind of secret."""
