/** What a catalogue says that its author may not have meant. None of it is refused. */
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import type { Catalogue, CatalogueTool } from './catalogue.ts';
import { datasetRoots } from './dataset-roots.ts';
import { flowWarnings } from './lint-flows.ts';
import { keepsWhatIsLeftOut } from './sink-mark.ts';

/** A question to the author of a catalogue, about one tool. */
export interface CatalogueWarning {
  readonly tool: string;
  readonly why: string;
}

/**
 * Returns what to ask the author of a catalogue: writes that an attacker could use without naming
 * anything, values that could be laundered through a marked field, marks that no sink takes,
 * sinks that take what a stranger can choose, and labels that no rule keeps.
 */
export function lintCatalogue(catalogue: Catalogue): readonly CatalogueWarning[] {
  const all = [...catalogue.values()];
  return all.flatMap((tool) =>
    [
      ...unnamedWrite(tool),
      ...launders(tool, all),
      ...strangers(tool),
      ...echoes(tool),
      ...flowWarnings(tool, catalogue),
    ].map((why) => ({ tool: tool.name, why })),
  );
}

/** A write whose sinks may all be left out is free to anyone who hijacks the agent. */
function unnamedWrite(tool: CatalogueTool): readonly string[] {
  const { action, sinks, sink = [], datasets } = tool;
  if (keepsWhatIsLeftOut(tool)) return [];
  if (action === 'read' || (sink.length === 0 && sinks.length > 0)) return [];
  // A grant bounds the dataset that each call has to name.
  const isMapped = datasets.some((source) => 'argument' in source && source.default === undefined);
  return isMapped || sink.some(({ optional }) => !optional)
    ? []
    : ['changes something, and no argument of every call is a sink: mark the one that names it'];
}

/**
 * What can be written into the dataset of a marked read comes back with the mark: add a contact,
 * then read the address book. An argument with the name of the field does so most likely, and any
 * argument can if none of the kind is a sink.
 */
function launders(tool: CatalogueTool, all: readonly CatalogueTool[]): readonly string[] {
  if (tool.action === 'read') return [];
  const free = tool.arguments.filter((name) => !isSink(tool, name) && !isContent(tool, name));
  const kinds = new Set(tool.sink?.map(({ kind }) => kind));
  return all
    .filter((read) => sharesDataset(tool, read))
    .flatMap(({ name, field = [] }) =>
      field.flatMap(({ pointer, kind, by }) => {
        const suspects = kinds.has(kind) ? free.filter((one) => one === lastOf(pointer)) : free;
        if (by === 'self' || suspects.length === 0) return [];
        const verb = suspects.length === 1 ? 'is' : 'are';
        return [
          `${suspects.join(', ')} ${verb} no sink, and may come back as ${pointer} of ${name}`,
        ];
      }),
    );
}

const lastOf = (pointer: string): string | undefined =>
  readPointer(pointer)?.findLast((segment) => segment !== EACH_ELEMENT);

const sharesDataset = (one: CatalogueTool, other: CatalogueTool): boolean =>
  datasetRoots(one).some((a) => datasetRoots(other).some((b) => isWithin(a, b) || isWithin(b, a)));

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(`${outer}/`);

const isSink = ({ sinks }: CatalogueTool, name: string): boolean =>
  sinks.some((pointer) => readPointer(pointer)?.[0] === name);

const isContent = ({ content = [] }: CatalogueTool, name: string): boolean =>
  content.some((pointer) => readPointer(pointer)?.[0] === name);

/** Anyone who sends a mail, an invitation or a cent owns a `peer` field. */
const strangers = ({ sink = [] }: CatalogueTool): readonly string[] =>
  sink
    .filter(({ takes = [] }) => takes.includes('peer'))
    .map(({ argument }) => `${argument} takes "peer": any stranger is one; write "peer named"`);

/** A field that repeats an argument of the read is whatever the caller wrote there. */
const echoes = ({ field = [], arguments: names }: CatalogueTool): readonly string[] =>
  field.flatMap(({ pointer }) => {
    const last = lastOf(pointer);
    return last !== undefined && names.includes(last)
      ? [`the field ${pointer} may repeat the argument ${last}, which the caller chooses`]
      : [];
  });
