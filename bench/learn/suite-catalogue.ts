import { type Catalogue, parseCatalogue } from '../../src/catalogue/index.ts';
import { toolName } from '../attacks/suite-catalogue.ts';
import { unwrap } from '../unwrap.ts';
import type { Recordings, SuiteTool } from './recorded-runs.ts';

/**
 * The arguments that say where something goes or how much, by the rule of the catalogue. Written
 * from the descriptions of the tools alone.
 */
const SINKS: Readonly<Record<string, readonly string[]>> = {
  send_money: ['/recipient', '/amount'],
  schedule_transaction: ['/recipient', '/amount'],
  update_scheduled_transaction: ['/id', '/recipient', '/amount'],
  update_password: ['/password'],
  update_user_info: [],
  send_email: ['/recipients/*', '/cc/*', '/bcc/*'],
  reserve_hotel: ['/hotel'],
  reserve_restaurant: ['/restaurant'],
  reserve_car_rental: ['/company'],
  create_calendar_event: ['/participants/*'],
  cancel_calendar_event: ['/event_id'],
};

/** Returns the catalogue of both suites, as an API owner would write it. */
export function suiteCatalogue({ suites }: Recordings): Catalogue {
  const entries = Object.entries(suites).flatMap(([suite, { tools }]) =>
    tools.map((tool) => entryOf(suite, tool)),
  );
  return unwrap(parseCatalogue(entries.join('\n')));
}

function entryOf(suite: string, { name, parameters, effectful }: SuiteTool): string {
  const names = Object.keys(parameters);
  const dataset = names.includes('file_path')
    ? `{ argument = "/file_path", under = "${suite}/files" }`
    : `{ fixed = "${suite}" }`;
  const sinks = (SINKS[name] ?? []).filter((sink) => names.includes(sink.split('/')[1] ?? ''));
  return [
    '[[tool]]',
    `name = ${JSON.stringify(toolName(suite, name))}`,
    `action = "${effectful ? 'write' : 'read'}"`,
    `tier = ${effectful ? 3 : 1}`,
    `arguments = ${JSON.stringify(names)}`,
    `datasets = [${dataset}]`,
    `sinks = ${JSON.stringify(sinks)}`,
    '',
  ].join('\n');
}
