/** What attests the values of one workflow: the request of its user. */
import { toHex } from '../../src/encoding.ts';
import {
  type Attached,
  type AttachedPrompt,
  newPromptSalt,
  promptDigest,
} from '../../src/provenance/index.ts';

const PROMPT_CHARACTERS_MAX = 2000; // The issuer takes 2 KiB: the end of a longer one is cut off.

export class Attestations {
  /** Of the request, in hex, as the token has it. A child has none. */
  readonly promptDigest: string | undefined;
  readonly #prompt: AttachedPrompt | undefined;

  constructor(prompt?: AttachedPrompt, digest?: string) {
    this.#prompt = prompt;
    this.promptDigest = digest;
  }

  /** Attests the request of the user, once, before anything was read. */
  static async begin(request: string): Promise<Attestations> {
    const prompt = { text: request.slice(0, PROMPT_CHARACTERS_MAX), salt: newPromptSalt() };
    const digest = await promptDigest(prompt);
    if (!digest) throw new Error('the request of the user cannot be signed');
    return new Attestations(prompt, toHex(digest));
  }

  /** A child begins without the request. */
  static ofChild = (): Attestations => new Attestations();

  /** What a gateway attaches to a call. */
  attached(): Attached {
    return this.#prompt ? { prompt: this.#prompt } : {};
  }
}
