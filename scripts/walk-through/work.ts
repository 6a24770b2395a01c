/** The agent does its task: each call has a token narrowed, offline, to that one step. */
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { STEP_SECONDS_DEFAULT } from '../../src/limits.ts';
import type { ReportAgent } from './agent.ts';
import type { Scene } from './scene.ts';
import type { Transcript } from './transcript.ts';

/** The text of each report that it read, by path. */
export type Reports = ReadonlyMap<string, string>;

export async function work(
  stage: Scene,
  agent: ReportAgent,
  transcript: Transcript,
): Promise<Reports> {
  const { documents } = stage;
  transcript.chapter('The agent does its task, each call with a token narrowed to that step');
  transcript.note(
    `a token adds tool, dataset, exact arguments and ${STEP_SECONDS_DEFAULT} s, without asking anyone`,
  );
  const tools = await agent.tools();
  transcript.check(
    [...tools].sort().join() === 'list_directory,read_text_file,write_file',
    `the agent sees three of the server's tools: ${tools.join(', ')}`,
    `the agent sees other tools than it was granted: ${tools.join(', ')}`,
  );
  const listed = await agent.call('list_directory', { path: 'reports' });
  const names: readonly string[] =
    listed.verdict === 'allowed' ? (listed.text.match(/[\w-]+\.md/g) ?? []) : [];
  const listsAll = documents.reports.every((path) => names.includes(basename(path)));
  transcript.step({
    what: 'list reports',
    verdict: listed.verdict,
    why: listed.verdict === 'allowed' ? names.join(', ') : listed.why,
    expected: listsAll ? undefined : 'the four reports',
  });
  const texts = new Map<string, string>();
  for (const path of documents.reports) {
    const answer = await agent.call('read_text_file', { path });
    const text = answer.verdict === 'allowed' ? answer.text : '';
    const onDisk = await readFile(join(documents.root, path), 'utf8');
    transcript.step({
      what: `read ${path}`,
      verdict: answer.verdict,
      why: answer.verdict === 'allowed' ? `"${text.split('\n', 1)[0]?.slice(2)}"` : answer.why,
      expected: text === onDisk ? undefined : 'the text of the file',
    });
    texts.set(path, text);
  }
  const content = summaryOf(texts);
  const written = await agent.call('write_file', { path: documents.summary, content });
  const onDisk = await readFile(join(documents.root, documents.summary), 'utf8').catch(() => '');
  transcript.step({
    what: `write ${documents.summary}`,
    verdict: written.verdict,
    why: written.verdict === 'allowed' ? `${onDisk.length} bytes are in the file` : written.why,
    expected: onDisk === content ? undefined : 'the summary in the file',
  });
  await mailIt(stage, agent, content, transcript);
  return texts;
}

async function mailIt(
  stage: Scene,
  agent: ReportAgent,
  body: string,
  transcript: Transcript,
): Promise<void> {
  const to = ['growth@acme.example'];
  const mailed = await agent.call('send_message', { to, subject: 'Churn', body });
  const [message] = stage.bridge.messages();
  transcript.step({
    what: `mail it to ${to}`,
    verdict: mailed.verdict,
    why: mailed.verdict === 'allowed' ? 'the message is in the outbox' : mailed.why,
    expected: message?.body === body && message.to.join() === to.join() ? undefined : 'the message',
  });
}

/** Collects what the reports say about each segment, quarter by quarter. */
function summaryOf(reports: Reports): string {
  const rows = [...reports.values()].flatMap((text) => {
    const quarter = /^# Customer churn, (.+)$/m.exec(text)?.[1];
    const shares = [...text.matchAll(/^\| *([\w-]+) *\|.*\| *([\d.]+ %) *\|$/gm)];
    return quarter === undefined
      ? []
      : [`- ${quarter}: ${shares.map(([, who, share]) => `${who} ${share}`).join(', ')}`];
  });
  return `# Churn, summary\n\n${rows.join('\n')}\n`;
}
