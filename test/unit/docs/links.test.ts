import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { PROJECT_SCRIPTS } from '../../../src/cli/init/templates.ts';
import { documents, projectFile, readProjectFile, relativeLinks } from './markdown.ts';

const DOCUMENTS = await documents();

const manifest = JSON.parse(await readProjectFile('package.json')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
/** Also those of the projects that `hewn init` writes. */
const scripts = { ...manifest.scripts, ...PROJECT_SCRIPTS.mcp, ...PROJECT_SCRIPTS.api };

/**
 * Anchors of a page: its headings as GitHub names them (a repeated one is numbered), and the
 * explicit ones.
 */
function anchorsOf(markdown: string): ReadonlySet<string> {
  const anchors = new Set<string>();
  for (const [, id = ''] of markdown.matchAll(/<a id="([\w-]+)">/g)) anchors.add(id);
  const seen = new Map<string, number>();
  for (const [, heading = ''] of markdown.matchAll(/^#+ (.+)$/gm)) {
    const slug = heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}

describe.each(DOCUMENTS)('%s', (document) => {
  test('links to files that exist', async () => {
    for (const link of relativeLinks(await readProjectFile(document))) {
      const target = projectFile(join(dirname(document), link));
      await expect(access(target), link).resolves.toBeUndefined();
    }
  });

  // typedoc numbers repeated headings across the kinds of a page, in its own way.
  if (document.startsWith('docs/api/')) return;

  test('links to headings that exist', async () => {
    const text = await readProjectFile(document);
    for (const [, path = '', anchor = ''] of text.matchAll(/\]\(([\w./-]+\.md|)#([^)]+)\)/g)) {
      const anchors = anchorsOf(
        path === '' ? text : await readProjectFile(join(dirname(document), path)),
      );
      expect([path, anchor, anchors.has(anchor)]).toEqual([path, anchor, true]);
    }
  });

  test('names only files and scripts that exist', async () => {
    const text = await readProjectFile(document);
    const ours = /^(?:src|workers|scripts|policy|test|examples|docs)\/[\w./-]+$/;
    for (const [, word = ''] of text.matchAll(/(?:`|node |unit |workers |e2e )([\w./-]+)/g)) {
      if (ours.test(word)) await expect(access(projectFile(word)), word).resolves.toBeUndefined();
    }
    for (const [, script = ''] of text.matchAll(/npm run ([\w:-]+)/g)) {
      expect([script, Object.hasOwn(scripts, script)]).toEqual([script, true]);
    }
  });
});

test('docs/index.md is a map of every page', async () => {
  const linked = relativeLinks(await readProjectFile('docs/index.md')).map((link) =>
    join('docs', link),
  );
  const pages = DOCUMENTS.filter((name) => /^docs\/(?!api\/|decisions\/0|index\.md)/.test(name));
  for (const page of pages) expect(linked).toContain(page);
});
