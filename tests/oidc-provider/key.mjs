// Makes a key for a client: `node key.mjs ES256` prints one line,
// { "pem": "…", "jwk": { private }, "public": { its half that the provider is given } }.
import { newKeyPair } from "./keys.mjs";

const alg = process.argv[2];
const { privateKey, publicKey } = newKeyPair(alg);
const jwk = (key) => ({ ...key.export({ format: "jwk" }), kid: "client-key", alg, use: "sig" });
const pem = privateKey.export({ format: "pem", type: "pkcs8" });
console.log(JSON.stringify({ pem, jwk: jwk(privateKey), public: jwk(publicKey) }));
