import { ADMIN_API } from '../../issuer-api/index.ts';
import { defineCommand, showAnswer, YES } from '../command.ts';
import { ISSUER_FLAGS, JSON_FLAG } from '../flags.ts';
import { callIssuer } from '../issuer.ts';
import { versionTable } from './render.ts';

export const versionsList = defineCommand({
  name: 'versions list',
  summary: 'list the versions of policy and catalogue that the issuer stores',
  description:
    'Lists the stored versions, the newest first. A star marks the active one, by which the issuer decides. Other commands accept the start of an id.',
  flags: { ...ISSUER_FLAGS, ...JSON_FLAG },
  examples: ['hewn versions list'],
  run: async ({ flags }, context) => {
    const listed = await callIssuer(context, flags, ADMIN_API.versions.listVersions, {});
    if (!listed.ok) return listed;
    const { versions } = listed.value;
    if (flags.json) context.out(showAnswer(ADMIN_API.versions.listVersions, listed.value));
    else if (versions.length === 0) {
      context.out('no version is stored: the issuer decides by the sources of its entry file');
    } else context.out(versionTable(context, versions));
    return YES;
  },
});
