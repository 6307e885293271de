// An OpenID provider for tests: panva's oidc-provider (certified, MIT) with one public client and whoever logs in.
// node server.mjs NODE_MODULES PORT SETTINGS: prints "ready" once it listens on loopback. SETTINGS is JSON: `groups`
// of each person, `idToken` seconds for which an ID token is good.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { pathToFileURL } from 'node:url'

const [modules, port, text] = process.argv.slice(2)
const { Provider } = await import(pathToFileURL(`${modules}/oidc-provider/lib/index.js`))
const settings = JSON.parse(text)
const issuer = `http://127.0.0.1:${port}`
const key = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })

const provider = new Provider(issuer, {
  clients: [{
    client_id: 'broker-cli',
    application_type: 'native',
    token_endpoint_auth_method: 'none',
    redirect_uris: ['http://127.0.0.1/callback'],
    response_types: ['code'],
    grant_types: ['authorization_code', 'refresh_token', 'urn:ietf:params:oauth:grant-type:device_code'],
    id_token_signed_response_alg: 'ES256',
  }],
  jwks: { keys: [{ ...key, kid: 'test', use: 'sig', alg: 'ES256' }] },
  cookies: { keys: [randomBytes(32).toString('hex')] },
  scopes: ['openid', 'offline_access', 'groups'],
  claims: { openid: ['sub'], groups: ['groups'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, groups: settings.groups[id] ?? [] }) }),
  features: {
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    devInteractions: { enabled: true },
  },
  ttl: { IdToken: settings.idToken, AccessToken: 300, AuthorizationCode: 60, DeviceCode: 120, RefreshToken: 3600, Session: 600, Interaction: 600, Grant: 3600 },
})
createServer(provider.callback()).listen(Number(port), '127.0.0.1', () => console.log('ready'))
