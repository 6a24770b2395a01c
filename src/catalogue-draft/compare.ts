import { isJsonObject } from '../canonical-json.ts';
import { type Catalogue, type CatalogueTool, tools } from '../catalogue/index.ts';
import { EACH_ELEMENT, readPointer } from '../json-pointer.ts';
import type { ListedTool, ServerListing } from '../server-listing/index.ts';
import { argumentsOf, placesOf, pointerToText, type SchemaPlace, textForm } from './schema.ts';

/** Where a catalogue and its server disagree. */
export interface Finding {
  /** `fault`: calls fail, or are judged as something else than they do. `warning`: look at it. */
  readonly severity: 'fault' | 'warning';
  /** The name of the tool in the catalogue. */
  readonly tool: string;
  readonly found: string;
}

/** Returns every disagreement of a catalogue with a live server, tool by tool. */
export function findMismatches(
  catalogue: Catalogue,
  server: string,
  listing: ServerListing,
): readonly Finding[] {
  const prefix = `${listing.kind ?? 'mcp'}/${server}/`;
  const served = new Map(listing.tools.map((tool) => [`${prefix}${tool.name}`, tool]));
  const listed = tools(catalogue).filter(({ name }) => name.startsWith(prefix));
  const unlisted = [...served.keys()].filter((name) => !catalogue.has(name));
  return [
    ...listed.flatMap((tool) => {
      const live = served.get(tool.name);
      if (!live) return [fault(tool.name, 'the server has no such tool')];
      return [...argumentFindings(tool, live), ...datasetFindings(tool, live), ...rest(tool, live)];
    }),
    ...unlisted.map((name) =>
      warning(name, 'the catalogue has no such tool, so every call of it is denied'),
    ),
  ];
}

const fault = (tool: string, found: string): Finding => ({ severity: 'fault', tool, found });
const warning = (tool: string, found: string): Finding => ({ severity: 'warning', tool, found });

function argumentFindings(tool: CatalogueTool, live: ListedTool): readonly Finding[] {
  const places = argumentsOf(live);
  const known = new Set(places.map(({ name }) => name));
  const missing = places.filter(({ name }) => !tool.arguments.includes(name));
  return [
    ...tool.arguments
      .filter((name) => !known.has(name))
      .map((name) => warning(tool.name, `the server's schema has no argument ${quote(name)}`)),
    ...missing.map(({ name, isRequired }) =>
      isRequired
        ? fault(tool.name, `argument ${quote(name)} is required by the server and not listed`)
        : warning(tool.name, `argument ${quote(name)} is not listed, so calls with it are denied`),
    ),
  ];
}

function datasetFindings(tool: CatalogueTool, live: ListedTool): readonly Finding[] {
  return tool.datasets.flatMap((source) => {
    if ('fixed' in source) return [];
    const { argument } = source;
    const place = placeAt(live, argument);
    if (!place) return [fault(tool.name, `dataset ${quote(argument)} is in no argument`)];
    if (textForm(place) === undefined || pointerToText(place) !== argument) {
      return [fault(tool.name, `dataset ${quote(argument)} is no text in the server's schema`)];
    }
    return place.isRequired || source.default !== undefined
      ? []
      : [warning(tool.name, `calls that leave out ${quote(argument)} are denied: it is optional`)];
  });
}

function rest(tool: CatalogueTool, live: ListedTool): readonly Finding[] {
  const { annotations } = live.definition;
  const { readOnlyHint, destructiveHint } = isJsonObject(annotations) ? annotations : {};
  const findings = tool.sinks
    .filter((sink) => !placeAt(live, sink))
    .map((sink) => fault(tool.name, `sink ${quote(sink)} is in no argument`));
  if (tool.action === 'read' && readOnlyHint === false) {
    findings.push(fault(tool.name, 'the server says that it changes something, and it is a read'));
  }
  if (tool.tier < 3 && destructiveHint === true && readOnlyHint !== true) {
    findings.push(
      warning(tool.name, `the server says that it destroys, and its tier is ${tool.tier}`),
    );
  }
  return findings;
}

/** Returns what a pointer of the catalogue leads to in the schema. */
function placeAt(live: ListedTool, pointer: string): SchemaPlace | undefined {
  const places = placesOf(live);
  const found = places.find((place) => place.pointer === pointer);
  if (found || readPointer(pointer)?.at(-1) !== EACH_ELEMENT) return found;
  return places.find((place) => place.pointer === pointer.slice(0, -`/${EACH_ELEMENT}`.length));
}

const quote = (name: string): string => JSON.stringify(name);
