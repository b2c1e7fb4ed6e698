// The kinds of key that the tests sign with.
import { generateKeyPairSync } from "node:crypto";

export const KEY_TYPES = {
  RS256: ["rsa", { modulusLength: 2048 }],
  PS256: ["rsa", { modulusLength: 2048 }],
  ES256: ["ec", { namedCurve: "P-256" }],
  EdDSA: ["ed25519", {}],
};

export function newKeyPair(alg) {
  const [type, options] = KEY_TYPES[alg];
  return generateKeyPairSync(type, options);
}
