import { describe, expect, test } from 'vitest';
import { type CatalogueTool, parseCatalogue } from '../../../src/catalogue/index.ts';
import { assumedLabels, labelsOfCall, watchedLabels } from '../../../src/labels/raised.ts';

const parsed = parseCatalogue(`
[[flow]]
when = ["private", "untrusted"]
leaving = "deny"
reason = "mail of clients stays here"

[[labelled]]
dataset = "files/hr"
labels = ["private"]

[[tool]]
name = "files.read"
action = "read"
tier = 1
arguments = ["path"]
datasets = [{ argument = "/path", under = "files" }]

[[tool]]
name = "mcp/web/fetch"
action = "read"
tier = 1
arguments = ["url"]
datasets = [{ argument = "/url", under = "web", names = "url" }]
sinks = ["/url"]
leaves = true
answer = { labels = ["untrusted", "html"] }

[[tool]]
name = "passport"
action = "read"
tier = 1
arguments = []
datasets = [{ fixed = "self/passport" }]
secret = true
`);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const catalogue = parsed.value;
const entry = (name: string) => catalogue.get(name) as CatalogueTool;
const grant = (tool: string, dataset: string) => ({ tool, dataset });
const root = (...grants: readonly ReturnType<typeof grant>[]) => ({ grants, ancestors: [] });

describe('the labels of an answer', () => {
  test('are those of the tool, and `secret` for a secret', () => {
    expect(labelsOfCall(entry('mcp/web/fetch'), ['web/a.example'])).toEqual(['html', 'untrusted']);
    expect(labelsOfCall(entry('passport'), ['self/passport'])).toEqual(['secret']);
  });

  test.each([
    ['the dataset itself', ['files/hr'], ['private']],
    ['a part of it', ['files/hr/salaries'], ['private']],
    ['a folder that contains it', ['files'], ['private']],
    ['one of several', ['files/a', 'files/hr/b'], ['private']],
    ['another dataset', ['files/a'], []],
    ['one that only begins like it', ['files/hrx'], []],
  ])('are those of its datasets: %s', (_, datasets, labels) => {
    expect(labelsOfCall(entry('files.read'), datasets)).toEqual(labels);
  });

  test('are watched only if a rule of the catalogue reads them', () => {
    expect([...watchedLabels(catalogue)].sort()).toEqual(['private', 'secret', 'untrusted']);
  });
});

describe('assumed labels', () => {
  test('are all that the grants could have read', () => {
    expect(assumedLabels(catalogue, root(grant('mcp/web/fetch', 'web')))).toEqual(['untrusted']);
    expect(assumedLabels(catalogue, root(grant('files.read', 'files/a')))).toEqual([]);
    expect(
      assumedLabels(catalogue, root(grant('files.read', 'files'), grant('passport', 'self'))),
    ).toEqual(['private', 'secret']);
  });

  test('are all labels for a tool that this catalogue does not list', () => {
    expect(assumedLabels(catalogue, root(grant('gone', 'files/a')))).toHaveLength(3);
  });

  test('are all labels for a child, whatever it was granted', () => {
    const child = { grants: [grant('files.read', 'files/a')], ancestors: ['wf_1'] };
    expect(assumedLabels(catalogue, child)).toEqual(['private', 'secret', 'untrusted']);
  });
});
