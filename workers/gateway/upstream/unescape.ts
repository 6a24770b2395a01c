/**
 * Undoes escapes in a stream of bytes, one at a time: percent-encoding, the escapes of JSON and of
 * programming languages, and character references of HTML. Escapes inside escapes are undone by
 * several of these in a row. Every byte keeps the position at which it began in the stream.
 */
export class Unescape {
  readonly #emit: (byte: number, position: number) => void;
  /** The beginning of what may become an escape, and where its bytes stood. */
  readonly #bytes: number[] = [];
  readonly #positions: number[] = [];

  constructor(emit: (byte: number, position: number) => void) {
    this.#emit = emit;
  }

  /** Where the first byte stood that is not decided yet. */
  get pending(): number | undefined {
    return this.#positions[0];
  }

  /** At the end of the stream, what is not an escape yet will not become one. */
  end(): void {
    for (const [index, byte] of this.#bytes.entries()) {
      this.#emit(byte, this.#positions[index] ?? 0);
    }
    this.#bytes.length = 0;
    this.#positions.length = 0;
  }

  push(byte: number, position: number): void {
    if (this.#bytes.length === 0 && !isEscape(byte)) {
      this.#emit(byte, position);
      return;
    }
    this.#bytes.push(byte);
    this.#positions.push(position);
    this.#settle();
  }

  #settle(): void {
    while (this.#bytes.length > 0) {
      const read = readEscape(this.#bytes);
      if (read === 'more') return;
      const position = this.#positions[0] ?? 0;
      if (read === 'none') {
        const byte = this.#bytes.shift() ?? 0;
        this.#positions.shift();
        this.#emit(byte, position);
        // What follows may be ordinary bytes, or begin an escape of its own.
        while (this.#bytes.length > 0 && !isEscape(this.#bytes[0] ?? 0)) {
          this.#emit(this.#bytes.shift() ?? 0, this.#positions.shift() ?? 0);
        }
      } else {
        this.#bytes.length = 0;
        this.#positions.length = 0;
        for (const decoded of read) this.#emit(decoded, position);
      }
    }
  }
}

const BACKSLASH = 0x5c;
const PERCENT = 0x25;
const AMPERSAND = 0x26;

/** Whether a byte begins an escape. */
export const isEscape = (byte: number): boolean =>
  byte === BACKSLASH || byte === PERCENT || byte === AMPERSAND;

type Read = readonly number[] | 'more' | 'none';

function readEscape(bytes: readonly number[]): Read {
  const [first = 0, ...rest] = bytes;
  const text = String.fromCharCode(...rest);
  if (first === PERCENT) return readHex(text, 2);
  return first === BACKSLASH ? readBackslash(text) : readReference(text);
}

/** Reads exactly so many hexadecimal digits. */
function readHex(text: string, digits: number): Read {
  if (!/^[0-9A-Fa-f]*$/.test(text)) return 'none';
  return text.length < digits ? 'more' : utf8Of(Number.parseInt(text, 16));
}

/** The letters that stand for white space, which is dropped. */
const WHITE = new Set(['n', 'r', 't', 'b', 'f', 'v']);

function readBackslash(text: string): Read {
  const [letter, ...digits] = text;
  if (letter === undefined) return 'more';
  if (letter === 'u') return readHex(digits.join(''), 4);
  if (letter === 'x') return readHex(digits.join(''), 2);
  if (WHITE.has(letter)) return [];
  return /["'/\\]/.test(letter) ? [letter.charCodeAt(0)] : 'none';
}

const NAMED: Readonly<Record<string, number>> = Object.fromEntries([
  ...([
    ['amp', 0x26],
    ['lt', 0x3c],
    ['gt', 0x3e],
    ['quot', 0x22],
    ['apos', 0x27],
  ] as const),
  ...([
    ['sol', 0x2f],
    ['plus', 0x2b],
    ['equals', 0x3d],
    ['percnt', 0x25],
    ['bsol', 0x5c],
  ] as const),
]);
const REFERENCE_CHARACTERS_MAX = 10;

function readReference(text: string): Read {
  if (text.length > REFERENCE_CHARACTERS_MAX) return 'none';
  const [, name, decimal, hex] =
    /^(?:([a-z]{2,6})|#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6}));$/.exec(text) ?? [];
  if (decimal !== undefined) return utf8Of(Number(decimal));
  if (hex !== undefined) return utf8Of(Number.parseInt(hex, 16));
  if (name !== undefined) return Object.hasOwn(NAMED, name) ? [NAMED[name] ?? 0] : 'none';
  return /^(?:[a-z]{0,6}|#\d{0,7}|#[xX][0-9A-Fa-f]{0,6})$/.test(text) ? 'more' : 'none';
}

function utf8Of(codePoint: number): readonly number[] {
  if (codePoint < 0x80) return [codePoint];
  if (codePoint > 0x10_ffff) return [];
  return [...new TextEncoder().encode(String.fromCodePoint(codePoint))];
}
