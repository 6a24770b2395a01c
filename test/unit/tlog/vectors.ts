import { toHex, utf8 } from '../../../src/encoding.ts';
import { leafHash, noteSigner, sha256 } from '../../../src/tlog/index.ts';

/** The entry at an index of the log that the vectors are of. */
export const entryAt = (index: number) => utf8(`hewn record ${index}`);

/** The leaves of the first entries of that log. */
export const leavesOf = (size: number): readonly Uint8Array[] =>
  Array.from({ length: size }, (_, index) => leafHash(entryAt(index)));

const privateKey = (text: string) => `ed25519-private/${toHex(sha256(utf8(text)))}`;

export const ORIGIN = 'issuer.example/audit/control';
export const LOG_VKEY = `${ORIGIN}+fca5b527+AVWeLDCn/pFlfm+0Ag4SZl3WBrGvriWVwAq5x/sbwwf8`;
export const WITNESS_VKEY =
  'witness.example/w1+9424a3d2+BPhFnuEjj6K9P/UHWssQRDoVRNi2r4otjnDcSOsac4cE';

export const logSigner = () => noteSigner(ORIGIN, 'log', privateKey('hewn log key'));
export const witnessSigner = (name = 'witness.example/w1', text = 'hewn witness key') =>
  noteSigner(name, 'witness', privateKey(text));

/** A proof of record 5 in size 7, cosigned at 1790000000. */
export const PROOF_FILE = `c2sp.org/tlog-proof@v1
index 5
NB838JJqbsxEdEaPhq5sf4Ve+V0QI+AGyl6lORNxFj0=
36juNiNXtN8Q5NdpRPzJU8KZ0ESilspNc5FZF07Ityc=
e+K8hwdhgCGZSaMIkmnUCqPZIEzpF/eLFaW1SmLWXTc=

issuer.example/audit/control
7
M/aFZiTdTIU3LISMKpMmxlwvqe6o6/ub3yM/KxYQVKo=

\u2014 issuer.example/audit/control /KW1J3LgEqWzDWCwLSuRfJrkS0gzjN1jD490aRFk7sD5taEKeyEFf44dVslXQI9dosG79gQBCHLxkgijFoV/1eTS6ws=
\u2014 witness.example/w1 lCSj0gAAAABqsTuAb7BqJ44H2kmxuIK8fJa3zyQspBCi4tAVpftICuyqAyZUTYBF3TEkc7TzqCFMA7lggWUD7e8m0T6Uj98eZ7A1Dw==
`;

/** What is sent with the checkpoint of size 7 to a witness that has size 3. */
export const WITNESS_REQUEST = `old 3
9t/yekaRI1KBL63igN5nhEOox1aDwxc/r5xNu03rv6c=
M455zFw05e7MGRgwIpyEwYc57x9Me1/+Pp922oxDxQI=
3zksV8ECUlKkG/aMh132xxPGCW70wx44Wg4V/8g+Ps0=
TxZmBTcznl6j0yNAnX2ORBp0dWKEqboZqlH3T9BK5f8=`;
