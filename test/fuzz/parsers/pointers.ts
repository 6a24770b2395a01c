/** JSON pointers (RFC 6901) and encodings of bytes: one spelling, one meaning. */
import { fromBase64Url, fromHex, toBase64Url, toHex } from '../../../src/encoding.ts';
import { pointerAbove, pointerTo, readPointer } from '../../../src/json-pointer.ts';
import { claim, type ParserCampaign } from './campaign.ts';
import { mutateText, somePiece } from './text.ts';

export const pointers: ParserCampaign = {
  name: 'pointers',
  outcomes: { ok: 'seen', refused: 'seen' },
  cases: 20_000,
  attempt: (random) => {
    const segments = random.list(1, random.chance(0.1) ? 20 : 5, () =>
      random.chance(0.5)
        ? random.pick(['a', 'b/c', '~', '~1', '', '*', '0', 'ñ'])
        : somePiece(random),
    );
    const written = segments.reduce<string>(pointerTo, '');
    const pointer = random.chance(0.6) ? mutateText(random, written) : written;
    const read = readPointer(pointer);
    if (read === undefined) {
      const fits = Buffer.byteLength(written) <= 512 && segments.length <= 16;
      claim(pointer !== written || !fits, 'a valid pointer is refused', pointer);
      return 'refused';
    }
    claim(read.reduce<string>(pointerTo, '') === pointer, 'a pointer has two spellings', pointer);
    claim(
      read.length <= 16 && Buffer.byteLength(pointer) <= 512,
      'a pointer beyond the limits is accepted',
      pointer,
    );
    const above = read.slice(0, -1).reduce<string>(pointerTo, '');
    claim(pointerAbove(pointer) === above, 'the pointer above is wrong', pointer);
    return 'ok';
  },
};

export const bytesAsText: ParserCampaign = {
  name: 'encoding',
  outcomes: { base64url: 'seen', hex: 'seen', refused: 'seen' },
  cases: 20_000,
  attempt: (random) => {
    const bytes = Uint8Array.from(random.list(0, 40, () => random.below(256)));
    const isHex = random.chance(0.5);
    const written = isHex ? toHex(bytes) : toBase64Url(bytes);
    const other = isHex
      ? Buffer.from(bytes).toString('hex')
      : Buffer.from(bytes).toString('base64url');
    claim(written === other, "the encoding differs from Node's", [...bytes]);
    const text = random.chance(0.7) ? mutateText(random, written) : written;
    const read = isHex ? fromHex(text) : fromBase64Url(text);
    if (read === undefined) {
      claim(text !== written, 'encoded bytes cannot be decoded', text);
      return 'refused';
    }
    const again = isHex ? toHex(read) : toBase64Url(read);
    const padded = !isHex && text.length % 4 === 0 ? text.replace(/={1,2}$/, '') : text;
    claim(again === padded, 'the same bytes have two spellings', text);
    return isHex ? 'hex' : 'base64url';
  },
};
