/**
 * What attests the values of one workflow: the request of its user, and receipts for what it has
 * read. A gateway keeps both and attaches them to each call by itself.
 */
import { argumentNodes } from '../../src/capability/index.ts';
import { type Catalogue, sinkMarkAt } from '../../src/catalogue/index.ts';
import { toSeconds, type UnixMilliseconds } from '../../src/clock.ts';
import { toHex } from '../../src/encoding.ts';
import {
  type Attached,
  type AttachedPrompt,
  newPromptSalt,
  promptDigest,
  scalarOf,
} from '../../src/provenance/index.ts';
import {
  answerData,
  fittingLeaves,
  issueReceipts,
  type KeptReceipt,
  keepNewest,
  type ReceiptSigner,
} from '../../src/receipts/index.ts';
import type { Json, JsonObject } from '../agent-authz-bench/index.ts';
import { dataOf } from './answer-data.ts';

const PROMPT_CHARACTERS_MAX = 2000; // The issuer takes 2 KiB: the end of a longer one is cut off.

/** A call as the catalogue describes it. */
interface Call {
  readonly tool: string;
  readonly action: string;
  readonly dataset: readonly string[];
  readonly args?: object;
}

export interface Attesting {
  readonly catalogue: Catalogue;
  readonly workflow: string;
  readonly signer: ReceiptSigner;
  readonly now: () => UnixMilliseconds;
}

export class Attestations {
  /** Of the request, in hex, as the token has it. A child has none. */
  readonly promptDigest: string | undefined;
  readonly #attesting: Attesting;
  readonly #prompt: AttachedPrompt | undefined;
  #receipts: readonly KeptReceipt[] = [];
  /** Leaves that fit values, while the receipts stay the same. */
  readonly #fitting = new Map<string, Required<Attached>['leaves']>();
  /** What an attacker may hear, by the kind of the field. */
  readonly #values = new Map<string, Set<Json>>();

  constructor(attesting: Attesting, prompt?: AttachedPrompt, digest?: string) {
    this.#attesting = attesting;
    this.#prompt = prompt;
    this.promptDigest = digest;
  }

  /** Attests the request of the user, once, before anything was read. */
  static async begin(attesting: Attesting, request: string): Promise<Attestations> {
    const prompt = { text: request.slice(0, PROMPT_CHARACTERS_MAX), salt: newPromptSalt() };
    const digest = await promptDigest(prompt);
    if (!digest) throw new Error('the request of the user cannot be signed');
    return new Attestations(attesting, prompt, toHex(digest));
  }

  /** A child begins without the request, and reads again what it needs. */
  static ofChild = (attesting: Attesting): Attestations => new Attestations(attesting);

  /** Keeps receipts for an answer that was served. */
  async hear(call: Call, answer: string): Promise<void> {
    const { catalogue, workflow, signer, now } = this.#attesting;
    const tool = catalogue.get(call.tool);
    const data = answerData(resultOf(answer));
    if (!tool?.field || data === undefined) return;
    const args = (call.args ?? {}) as JsonObject;
    const nodes = nodesOf(args);
    const seconds = toSeconds(now());
    const named = new Set(
      this.#receipts
        .filter((one) => one.named)
        .flatMap(({ leaves }) => leaves.map(({ value }) => value)),
    );
    const served = { data, tool: call.tool, action: call.action, marks: tool.field, args, nodes };
    const known = {
      prompt: this.#prompt?.text,
      isNamedValue: (value: string | number) => named.has(value),
      kindAt: (pointer: string) => sinkMarkAt(tool, pointer)?.kind,
    };
    const { receipts } = await issueReceipts(
      { ...served, datasets: call.dataset, workflow, known },
      signer,
      seconds,
    );
    if (receipts.length === 0) return;
    this.#receipts = keepNewest(this.#receipts, receipts, seconds);
    this.#fitting.clear();
    for (const { kind } of tool.field) {
      const values = this.#values.get(kind) ?? new Set();
      for (const { value } of receipts.flatMap(({ leaves }) => leaves)) values.add(value);
      this.#values.set(kind, values);
    }
  }

  /** The attested values that an attacker tries for an argument. */
  valuesFor(tool: string, argument: string): readonly Json[] {
    const { sink = [] } = this.#attesting.catalogue.get(tool) ?? {};
    return sink.flatMap(({ argument: pointer, kind }) => {
      const [, name, each] = pointer.split('/');
      if (name !== argument) return [];
      const values = [...(this.#values.get(kind) ?? [])];
      return each === undefined ? values : values.map((value) => [value]);
    });
  }

  /** What a gateway attaches to a call, as far as the sinks of its tool read it. */
  async attachedTo({ tool, args = {} }: Pick<Call, 'tool' | 'args'>): Promise<Attached> {
    const entry = this.#attesting.catalogue.get(tool);
    const values = nodesOf(args as JsonObject).flatMap((node) =>
      entry && sinkMarkAt(entry, node.pointer) ? (scalarOf(node) ?? []) : [],
    );
    const key = JSON.stringify(values);
    const leaves = this.#fitting.get(key) ?? (await fittingLeaves(this.#receipts, values));
    this.#fitting.set(key, leaves);
    return { ...(this.#prompt && { prompt: this.#prompt }), leaves };
  }
}

function nodesOf(args: JsonObject) {
  const nodes = argumentNodes(args);
  return nodes.ok ? nodes.value : [];
}

/** The answer of a server of MCP. */
function resultOf(answer: string): object {
  const data = dataOf(answer);
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return { content: [{ type: 'text', text }] };
}
