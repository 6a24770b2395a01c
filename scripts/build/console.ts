import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** The libraries that a bundle contains, whose licences go with it. */
const LIBRARIES = ['preact', 'htm', 'uplot'];

/**
 * Bundles the console into one module with its files as texts, which the issuer imports as
 * `#console`. So a deployment, `hewn dev`, `hewn serve` and a compiled server have the
 * same console, and always that of their own release.
 */
export async function bundleConsole(root: string, outFolder: string): Promise<void> {
  const source = join(root, 'src/console');
  const { outputFiles } = await build({
    entryPoints: {
      app: join(source, 'index.ts'),
      plot: join(source, 'plot/index.ts'),
      verify: join(source, 'trail/verify/index.ts'),
    },
    outdir: outFolder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2023', 'chrome120', 'firefox121', 'safari17'],
    legalComments: 'none',
    tsconfigRaw: {},
    write: false,
  });
  const files: Record<string, string> = {};
  for (const { path, text } of outputFiles) files[path.slice(outFolder.length + 1)] = text;
  files['index.html'] = await readFile(join(source, 'index.html'), 'utf8');
  const style = await build({
    entryPoints: [join(source, 'style/index.css')],
    bundle: true,
    minify: true,
    write: false,
    tsconfigRaw: {},
  });
  files['style.css'] = style.outputFiles[0]?.text ?? '';
  files['licenses.txt'] = await licencesOf(root);
  await mkdir(outFolder, { recursive: true });
  const module = `export const FILES = ${JSON.stringify(files, null, 1)};\n`;
  await writeFile(join(outFolder, 'files.js'), module);
  const types = 'export declare const FILES: Readonly<Record<string, string>>;\n';
  await writeFile(join(outFolder, 'files.d.ts'), types);
}

async function licencesOf(root: string): Promise<string> {
  const texts = LIBRARIES.map(async (name) => {
    const licence = await readFile(join(root, 'node_modules', name, 'LICENSE'), 'utf8');
    return `${name}\n\n${licence.trim()}\n`;
  });
  return (await Promise.all(texts)).join('\n\n');
}
