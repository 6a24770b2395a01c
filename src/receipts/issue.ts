import type { Json } from '../canonical-json.ts';
import type { FieldMark } from '../catalogue/index.ts';
import type { UnixSeconds } from '../clock.ts';
import { toBase64Url } from '../encoding.ts';
import { type OriginNode, scalarOf } from '../provenance/index.ts';
import { ANSWER_RECEIPTS_MAX, RECEIPT_LEAVES_MAX, RECEIPT_SECONDS } from './bounds.ts';
import { LABELS_MAX, type Receipt, receiptPayload } from './format.ts';
import { argumentsLeaf, type LeafValue, leafOf, SEED_BYTES, saltsOf } from './leaf.ts';
import { type MarkedValue, markedValues } from './marked-values.ts';
import { isNamed, isNamedRead, type KnownNames } from './named.ts';

/** An answer that a gateway served, and the call that it answers. */
export interface ServedAnswer {
  /** From `answerData`. */
  readonly data: Json;
  readonly tool: string;
  readonly action: string;
  readonly marks: readonly FieldMark[];
  readonly datasets: readonly string[];
  readonly args: Json;
  /** Its texts and numbers. */
  readonly nodes: readonly OriginNode[];
  readonly workflow: string;
  readonly labels?: readonly string[] | undefined;
  /** The hash of the catalogue by which it was judged. */
  readonly catalogue?: string | undefined;
  readonly known: KnownNames;
}

/** The gateway that signs. */
export interface ReceiptSigner {
  readonly gateway: string;
  /** The id of its key in the head. */
  readonly keyId: number;
  readonly sign: (bytes: Uint8Array<ArrayBuffer>) => Promise<Uint8Array>;
}

/** A receipt, and what opens its leaves. Only who may read the answer gets it. */
export interface IssuedReceipt {
  readonly receipt: string;
  /** 16 bytes in base64url. */
  readonly seed: string;
  /** In the order of the receipt. */
  readonly leaves: readonly LeafValue[];
  readonly exp: UnixSeconds;
  readonly named: boolean;
}

/** What became of the marked values of an answer. */
export interface IssuedReceipts {
  readonly receipts: readonly IssuedReceipt[];
  /** How many marked values are not attested. */
  readonly left: number;
}

/**
 * Signs receipts for the marked values of an answer: none for an answer without any. A value that
 * equals an argument of the call is left out unless the request of the user names that argument: a
 * tool that echoes would otherwise attest any value that an agent sends.
 *
 * What a write answers counts as named, such as the id of what it created.
 */
export async function issueReceipts(
  answer: ServedAnswer,
  signer: ReceiptSigner,
  now: UnixSeconds,
): Promise<IssuedReceipts> {
  const { data, marks, nodes, known } = answer;
  const countMax = RECEIPT_LEAVES_MAX * ANSWER_RECEIPTS_MAX;
  const marked = markedValues(data, marks, countMax);
  const echoed = valuesOfEchoes(answer);
  const values = marked.values.filter(({ value }) => !echoed.has(String(value)));
  const left = marked.left + marked.values.length - values.length;
  const named = answer.action !== 'read' || isNamedRead(nodes, known);
  const issuing: Promise<IssuedReceipt>[] = [];
  for (let from = 0; from < values.length; from += RECEIPT_LEAVES_MAX) {
    const some = values.slice(from, from + RECEIPT_LEAVES_MAX);
    issuing.push(issueOne(answer, some, { signer, now, named }));
  }
  return { receipts: await Promise.all(issuing), left };
}

/**
 * Returns the values in the arguments that no answer may attest, also those of content. An echo may
 * change the type of a value.
 */
function valuesOfEchoes({ args, nodes, known }: ServedAnswer): ReadonlySet<string> {
  const named = new Set(
    nodes.flatMap((node) => {
      const value = scalarOf(node);
      return value !== undefined && isNamed(value, node.pointer, known) ? [String(value)] : [];
    }),
  );
  return new Set(scalarsIn(args).filter((value) => !named.has(value)));
}

/** The arguments were judged, so their depth and their size are bounded. */
const scalarsIn = (value: Json): readonly string[] =>
  typeof value === 'object' && value !== null
    ? Object.values(value).flatMap((member) => scalarsIn(member as Json))
    : [String(value)];

interface Issue {
  readonly signer: ReceiptSigner;
  readonly now: UnixSeconds;
  readonly named: boolean;
}

async function issueOne(
  { tool, datasets, args, workflow, labels = [], catalogue = '' }: ServedAnswer,
  values: readonly MarkedValue[],
  { signer, now, named }: Issue,
): Promise<IssuedReceipt> {
  const seed = crypto.getRandomValues(new Uint8Array(SEED_BYTES));
  const salts = await saltsOf(seed);
  const leaves = await Promise.all(
    values.map(async (value, index) => leafOf(value, await salts(index))),
  );
  const exp = now + RECEIPT_SECONDS;
  const receipt: Receipt = {
    v: 1,
    gw: signer.gateway,
    kid: signer.keyId,
    wf: workflow,
    tool,
    data: datasets,
    args: await argumentsLeaf(args, await salts('arguments')),
    cat: catalogue.slice(0, 16),
    at: now,
    exp,
    named,
    labels: labels.slice(0, LABELS_MAX),
    leaves,
  };
  const { text, signed } = receiptPayload(receipt);
  const signature = toBase64Url(await signer.sign(signed));
  return {
    receipt: `${text}.${signature}`,
    seed: toBase64Url(seed),
    leaves: values.map(({ pointer, value }) => ({ pointer, value })),
    exp,
    named,
  };
}
