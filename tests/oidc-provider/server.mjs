// `oidc-provider` on 127.0.0.1, at a port that the system chooses.
//
// Each line on stdin is a JSON object. The first configures the provider:
//
//   { "clients": [client metadata], "accounts": { "login": { claims } }, "keys": [{ "kid": "a", "alg": "RS256" }],
//     "resources": { "https://api.example.com": { resource server, "exclusive": true } },
//     "issuer": "http://127.0.0.1:…", where it is reached by way of somebody else,
//     "provider": { what else it is configured with } }
//
// A later line is merged into what went before and replaces the provider at the
// same port: `{ "keys": […] }` is a key rotation. After each line one line is
// printed, `{ "issuer": "http://127.0.0.1:…", "address": where it listens }`. `{ "seen": true }` changes nothing
// and is answered with what happened to grants, and which clients took a logout
// token, `{ "seen": ["grant.success authorization_code", …] }`. `{ "lifetime": 60 }` is how many seconds access
// tokens are good from then on, and is answered with the same. The process ends with its stdin, so it cannot outlive
// the test that started it.
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import { newKeyPair, KEY_TYPES } from "./keys.mjs";
import { resourceIndicators, withAudiences } from "./resources.mjs";

// The package writes notices to stdout, which belongs to the test.
console.info = () => {};
console.warn = () => {};
const { default: Provider, errors } = await import("oidc-provider");

function privateKey({ kid, alg }) {
  const jwk = newKeyPair(alg).privateKey.export({ format: "jwk" });
  return { ...jwk, kid, alg, use: "sig" };
}

function newProvider(issuer, cookieKey, { clients, accounts, keys, resources, provider: more }) {
  const provider = new Provider(issuer, {
    ttl: { AccessToken: (_, token) => token.resourceServer?.accessTokenTTL ?? lifetime },
    ...more,
    features: { ...more?.features, resourceIndicators: resourceIndicators(resources ?? {}, errors) },
    formats: { customizers: { jwt: withAudiences } },
    clients,
    jwks: { keys: keys.map(privateKey) },
    cookies: { keys: [cookieKey] },
    enabledJWA: {
      idTokenSigningAlgValues: Object.keys(KEY_TYPES),
      userinfoSigningAlgValues: Object.keys(KEY_TYPES),
    },
    // Groups are told with the profile, by userinfo only.
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username", "groups"],
      email: ["email", "email_verified"],
    },
    // The apps are on loopback, where it calls nobody by itself.
    fetch: (url, { dispatcher: _, ...options }) => fetch(url, options),
    findAccount: (_, sub) =>
      accounts[sub] && { accountId: sub, claims: () => ({ sub, ...accounts[sub] }) },
  });
  reachAcr(provider, more?.acrValues ?? []);
  provider.on("server_error", (_, error) => console.error(error));
  for (const event of [
    "authorization.error",
    "grant.error",
    "userinfo.error",
    "end_session.error",
    "backchannel.error",
  ]) {
    provider.on(event, (_, error) => console.error(event, error.message, error.error_detail ?? ""));
  }
  provider.on("backchannel.success", (_, client) => seen.push(`backchannel.success ${client.clientId}`));
  for (const event of ["grant.success", "grant.error", "grant.revoked"]) {
    // A grant is revoked by a token that came back, by a revocation, and by a logout.
    provider.on(event, ({ oidc }) =>
      seen.push(`${event} ${event === "grant.revoked" ? oidc.route : oidc.params.grant_type}`),
    );
  }
  return provider.callback();
}

// Its own login page reaches no authentication context: here, the first that is asked for and known.
function reachAcr(provider, acrValues) {
  const finished = provider.interactionFinished.bind(provider);
  provider.interactionFinished = async (request, response, result, options) => {
    if (result.login) {
      const { params } = await provider.interactionDetails(request, response);
      const asked = params.acr_values?.split(" ") ?? [];
      result.login.acr = asked.find((acr) => acrValues.includes(acr));
    }
    return finished(request, response, result, options);
  };
}

const cookieKey = randomBytes(32).toString("hex");
const seen = [];
let lifetime = 3600;
let settings = {};
let handler;

const server = createServer((request, response) => handler(request, response));
server.listen(0, "127.0.0.1");
await once(server, "listening");
const address = `http://127.0.0.1:${server.address().port}`;

for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line);
  if (asked.seen) {
    console.log(JSON.stringify({ seen }));
    continue;
  }
  if (asked.lifetime) {
    lifetime = asked.lifetime;
    console.log(line);
    continue;
  }
  settings = { ...settings, ...asked };
  const issuer = settings.issuer ?? address;
  handler = newProvider(issuer, cookieKey, settings);
  console.log(JSON.stringify({ issuer, address }));
}
process.exit(0);
