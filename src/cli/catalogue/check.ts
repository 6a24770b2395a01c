import {
  type Finding,
  findHiddenText,
  findImpostors,
  findMismatches,
} from '../../catalogue-draft/index.ts';
import { defineCommand, NO, showJson, YES } from '../command.ts';
import { JSON_FLAG } from '../flags.ts';
import { visibleLine } from '../visible.ts';
import { CATALOGUE_FLAG, readOwnCatalogue } from './files.ts';
import { ask, chooseServer, SERVER_FLAGS } from './source.ts';

export const catalogueCheck = defineCommand({
  name: 'catalogue check',
  summary: 'compare a catalogue with the live MCP server that it describes',
  operands: 'URL|NAME|COMMAND...',
  description: `Finds entries that cannot work with the server, or that call its tools something else than the server does: tools that it does not have, required arguments that are not listed, datasets and sinks that no argument has, reads that the server calls changes, definitions that are not the pinned ones, and names that look alike.

The server is a URL, a name in [dev.servers] of hewn.toml, or a command that starts it on its standard streams. Write -- before a command with flags of its own.`,
  flags: { ...SERVER_FLAGS, ...CATALOGUE_FLAG, ...JSON_FLAG },
  examples: [
    'hewn catalogue check notes',
    'hewn catalogue check https://mcp.example/mcp --server tickets --bearer TICKETS_TOKEN',
  ],
  exitCodes: { 0: 'there is no fault', 1: 'there is a fault', 2: 'the server cannot be asked' },
  run: async ({ flags, operands }, context) => {
    const server = await chooseServer(context, operands, flags);
    if (!server.ok) return server;
    const catalogue = await readOwnCatalogue(context, flags.catalogue);
    if (!catalogue.ok) return catalogue;
    const listing = await ask(server.value);
    if (!listing.ok) return listing;
    const found = [catalogue.value, server.value.name, listing.value] as const;
    const findings = [
      ...findMismatches(...found),
      ...(await findImpostors(...found)),
      ...findHiddenText(server.value.name, listing.value),
    ];
    const faults = findings.filter(({ severity }) => severity === 'fault').length;
    if (flags.json) context.out(showJson({ ok: faults === 0, findings }));
    else for (const line of lines(findings, listing.value.tools.length)) context.out(line);
    return faults === 0 ? YES : NO;
  },
});

function lines(findings: readonly Finding[], tools: number): readonly string[] {
  const count = (severity: Finding['severity']): number =>
    findings.filter((finding) => finding.severity === severity).length;
  return [
    ...findings.map(({ severity, tool, found }) => visibleLine(`${severity}: ${tool}: ${found}`)),
    `${tools} tools at the server: ${count('fault')} faults, ${count('warning')} warnings`,
  ];
}
