import { isJsonObject, type JsonObject } from '../canonical-json.ts';
import { type Action, checkDataset, checkTool } from '../capability/index.ts';
import type { CatalogueTool, DatasetSource, ToolTier } from '../catalogue/index.ts';
import { CALL_DATASETS_MAX, CATALOGUE_SINKS_MAX } from '../limits.ts';
import { ok, type Result, refuse } from '../result.ts';
import type { ListedTool } from '../server-listing/index.ts';
import type { Guess } from './guess.ts';
import { actionOfMethod, datasetOfPath, routeGuesses } from './guess-route.ts';
import {
  argumentsOf,
  isOpen,
  placesOf,
  pointerToText,
  type SchemaPlace,
  textForm,
} from './schema.ts';
import { isPlaceName, isSinkName, isUrlName, VERBS, wordsOf } from './words.ts';

/** The entry of one tool, with every guess in it. */
export interface DraftedTool {
  readonly tool: CatalogueTool;
  readonly guesses: readonly Guess[];
  /** As the server says it. Not to be trusted, not even with line ends. */
  readonly description: string;
}

/**
 * Drafts the entry of one tool. A server's own statements are hints: one that calls a deletion
 * read-only would gain by it, so of the annotation and the name the more dangerous one counts.
 */
export function draftTool(server: string, listed: ListedTool): Result<DraftedTool, string> {
  const { route } = listed;
  const name = `${route ? 'http' : 'mcp'}/${server}/${listed.name}`;
  const checked = checkTool(name);
  if (!checked.ok) return refuse(`its name cannot be in a grant: ${checked.error.why}`);
  const { action, tier, why } = route
    ? actionOfMethod(route, byName(listed.name))
    : guessAction(listed);
  const places = argumentsOf(listed);
  const datasets = guessDatasets(server, listed, action);
  const sinks = action === 'read' ? urlsIn(listed) : sinksIn(listed);
  const guesses: Guess[] = [
    { member: 'action', why },
    ...openArguments(listed),
    { member: 'datasets', why: datasets.why },
    ...sinkGuess(action, sinks),
    ...(route ? routeGuesses(route) : []),
  ];
  const { description } = listed.definition;
  const names = places.map((place) => place.name);
  return ok({
    tool: {
      name,
      action,
      tier,
      arguments: names,
      datasets: datasets.sources,
      sinks,
      ...(route && { route }),
    },
    guesses,
    description: typeof description === 'string' ? description : '',
  });
}

interface ActionGuess {
  readonly action: Action;
  readonly tier: ToolTier;
  readonly why: string;
}

function guessAction(listed: ListedTool): ActionGuess {
  const { annotations } = listed.definition;
  const hints: JsonObject = isJsonObject(annotations) ? annotations : {};
  const said = byAnnotations(hints);
  const named = byName(listed.name);
  if (!said) return named;
  if (!named.isKnown) return said;
  const [one, other] = [RISK.indexOf(said.action), RISK.indexOf(named.action)];
  const tier = Math.max(said.tier, named.tier) as ToolTier;
  if (one === other && tier === said.tier) return said;
  const { action } = one > other ? said : named;
  return { action, tier, why: `${said.why}, and ${named.why}: the more dangerous counts` };
}

/** From harmless to dangerous. */
const RISK: readonly Action[] = ['read', 'write', 'delete', 'execute'];

function byAnnotations(hints: JsonObject): ActionGuess | undefined {
  const { readOnlyHint, destructiveHint } = hints;
  if (readOnlyHint === true) {
    return { action: 'read', tier: 1, why: 'the server says that it only reads (readOnlyHint)' };
  }
  if (destructiveHint === true) {
    return { action: 'write', tier: 3, why: 'the server says that it destroys (destructiveHint)' };
  }
  if (readOnlyHint === false || destructiveHint === false) {
    return { action: 'write', tier: 2, why: 'the server says that it changes something' };
  }
  return undefined;
}

function byName(name: string): ActionGuess & { readonly isKnown: boolean } {
  for (const word of wordsOf(name)) {
    const why = `the name says "${word}"`;
    if (VERBS.delete.has(word)) return { action: 'delete', tier: 3, why, isKnown: true };
    if (VERBS.execute.has(word)) return { action: 'execute', tier: 3, why, isKnown: true };
    if (VERBS.final.has(word)) return { action: 'write', tier: 3, why, isKnown: true };
    if (VERBS.write.has(word)) return { action: 'write', tier: 2, why, isKnown: true };
    if (VERBS.read.has(word)) return { action: 'read', tier: 1, why, isKnown: true };
  }
  const why = 'neither the server nor the name says what it does';
  return { action: 'write', tier: 2, why, isKnown: false };
}

function guessDatasets(
  server: string,
  listed: ListedTool,
  action: Action,
): { readonly sources: readonly DatasetSource[]; readonly why: string } {
  const texts = placesOf(listed).filter((place) => textForm(place) !== undefined);
  const named = texts.filter((place) => isPlaceName(place.name) && !isUrl(place));
  // A read touches what is behind its URL. A write sends something there: that is a sink.
  const urls = texts.filter(isUrl);
  const root = checkDataset(server).ok ? server : 'server';
  const inPath = listed.route && datasetOfPath(listed.route, root);
  if (inPath) return inPath;
  const required = [...named, ...(action === 'read' ? urls : [])]
    .filter(({ isRequired }) => isRequired)
    .slice(0, CALL_DATASETS_MAX);
  if (required.length > 0) {
    return {
      sources: required.map((place) => ({
        argument: pointerToText(place),
        under: root,
        ...(isUrl(place) && { names: 'url' }),
      })),
      why: `${quoted(required)} by ${required.length === 1 ? 'its name' : 'their names'}`,
    };
  }
  const optional = named.slice(0, CALL_DATASETS_MAX);
  if (optional.length > 0) {
    return {
      // What the tool does without the argument is unknown, so such a call touches everything.
      sources: optional.map((place) => ({
        argument: pointerToText(place),
        under: root,
        default: root,
      })),
      why: `${quoted(optional)} can be left out of a call, which then counts as one of all`,
    };
  }
  const nouns = wordsOf(listed.name).filter((word) => !ALL_VERBS.some((verbs) => verbs.has(word)));
  const fixed = [root, ...nouns.slice(0, 2)].join('/');
  return {
    sources: [{ fixed: checkDataset(fixed).ok ? fixed : root }],
    why: 'no argument names what is touched',
  };
}

const ALL_VERBS = Object.values(VERBS);

const quoted = (places: readonly SchemaPlace[]): string =>
  places.map(({ name }) => JSON.stringify(name)).join(', ');

const openArguments = (listed: ListedTool): readonly Guess[] =>
  argumentsOf(listed).length === 0 && isOpen(listed)
    ? [{ member: 'arguments', why: 'the schema lists none and forbids none' }]
    : [];

const isUrl = ({ name, schema }: SchemaPlace): boolean =>
  isUrlName(name) || schema.format === 'uri';

const isSink = (place: SchemaPlace): boolean =>
  isSinkName(place.name) || isUrl(place) || ADDRESSES.includes(String(place.schema.format));

const ADDRESSES = ['email', 'hostname', 'idn-email', 'ipv4', 'ipv6', 'uri', 'uri-reference'];

const pointersOf = (places: readonly SchemaPlace[]): readonly string[] =>
  [...new Set(places.map(pointerToText))].slice(0, CATALOGUE_SINKS_MAX);

/** A read sends its URL to the host in it. */
const urlsIn = (listed: ListedTool): readonly string[] =>
  pointersOf(placesOf(listed).filter(isUrl));

const sinksIn = (listed: ListedTool): readonly string[] =>
  pointersOf(placesOf(listed).filter(isSink));

function sinkGuess(action: Action, sinks: readonly string[]): readonly Guess[] {
  if (sinks.length > 0) return [{ member: 'sinks', why: 'by their names and formats' }];
  if (action === 'read') return [];
  return [{ member: 'sinks', why: 'no argument looks like a destination or an amount' }];
}
