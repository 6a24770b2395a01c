// cspell:ignore rundll
import { spawn } from 'node:child_process';
import { once } from 'node:events';

type Variable = (name: string) => string | undefined;

/** Returns the program that opens a URL, and its arguments. Returns undefined without a desktop. */
export function browserCommand(
  url: string,
  platform: NodeJS.Platform,
  variable: Variable,
): readonly [string, ...string[]] | undefined {
  const own = variable('BROWSER');
  if (own !== undefined && own !== '') return [own, url];
  if (platform === 'darwin') return ['open', url];
  if (platform === 'win32') return ['rundll32', 'url.dll,FileProtocolHandler', url];
  const hasDesktop = variable('DISPLAY') ?? variable('WAYLAND_DISPLAY');
  return hasDesktop === undefined ? undefined : ['xdg-open', url];
}

/** Opens a URL in the browser of the person. Returns whether a program for it was started. */
export async function openBrowser(url: string, variable: Variable): Promise<boolean> {
  const command = browserCommand(url, process.platform, variable);
  if (command === undefined) return false;
  const [program, ...args] = command;
  const child = spawn(program, args, { detached: true, stdio: 'ignore' });
  try {
    await once(child, 'spawn');
  } catch {
    return false;
  }
  // It stays open after this command.
  child.unref();
  return true;
}
