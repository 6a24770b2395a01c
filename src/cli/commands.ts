import { approvalsAnswers } from './approvals/answers.ts';
import { approvalsApprove } from './approvals/approve.ts';
import { approvalsList } from './approvals/list.ts';
import { approvalsRefuse } from './approvals/refuse.ts';
import { approvalsShow } from './approvals/show.ts';
import { approvalsSuggest } from './approvals/suggest.ts';
import { auditCompare } from './audit/compare.ts';
import { auditErase } from './audit/erase.ts';
import { auditExport } from './audit/export.ts';
import { auditFiles } from './audit/files.ts';
import { auditHold, auditHolds, auditRelease } from './audit/hold.ts';
import { auditIncident } from './audit/incident.ts';
import { auditReceipt } from './audit/receipt.ts';
import { auditReindex } from './audit/reindex.ts';
import { auditSearch } from './audit/search.ts';
import { auditTail } from './audit/tail.ts';
import { auditVerify } from './audit/verify.ts';
import { auditWhy } from './audit/why.ts';
import { backupCommand } from './backup/backup.ts';
import { restoreCommand } from './backup/restore.ts';
import { bridgeCommand } from './bridge/bridge.ts';
import { catalogueCheck } from './catalogue/check.ts';
import { catalogueDiff } from './catalogue/diff.ts';
import { catalogueImport } from './catalogue/import.ts';
import { checkCommand } from './check/check.ts';
import type { Command } from './command.ts';
import { completionOf } from './completion/completion.ts';
import { connectCommand } from './connect/connect.ts';
import { denyAdd } from './deny/add.ts';
import { denyLift } from './deny/lift.ts';
import { denyList } from './deny/list.ts';
import { deployCommand } from './deploy/deploy.ts';
import { devCommand } from './dev/dev.ts';
import { devToken } from './dev/token.ts';
import { doctorCommand } from './doctor/doctor.ts';
import { drillCommand } from './drill/drill.ts';
import { drillRuns } from './drill/runs.ts';
import { feedExport } from './feed/export.ts';
import { feedStatus } from './feed/status.ts';
import { feedVerify } from './feed/verify.ts';
import { headersCommand } from './headers/headers.ts';
import { initCommand } from './init/init.ts';
import { keysPublish } from './keys/head/publish.ts';
import { keysPublished } from './keys/head/published.ts';
import { keysWithdraw } from './keys/head/withdraw.ts';
import { keysList } from './keys/list.ts';
import { keysNew } from './keys/new.ts';
import { keysRetire } from './keys/retire.ts';
import { keysRotate } from './keys/rotate.ts';
import { killNewKey } from './kill/new-key.ts';
import { killSign } from './kill/sign.ts';
import { killVerify } from './kill/verify.ts';
import { notificationsList } from './notifications/list.ts';
import { notificationsTest } from './notifications/test.ts';
import { observeLearn } from './observe/learn.ts';
import { observeReport } from './observe/report.ts';
import { operatorsAccept } from './operators/accept.ts';
import { operatorsGrant } from './operators/grant.ts';
import { operatorsHandOn } from './operators/hand-on.ts';
import { operatorsKey } from './operators/key.ts';
import { operatorsList } from './operators/list.ts';
import { operatorsNarrow } from './operators/narrow.ts';
import { operatorsPasskeys, operatorsRemovePasskey } from './operators/passkeys.ts';
import { operatorsEndSession, operatorsSessions } from './operators/sessions.ts';
import { operatorsStop } from './operators/stop.ts';
import { policyDiff } from './policy/diff.ts';
import { policyDraft } from './policy/draft.ts';
import { policyExplain } from './policy/explain.ts';
import { policyRecord } from './policy/record.ts';
import { policyTest } from './policy/test.ts';
import { proposalsConfirm } from './proposals/confirm.ts';
import { proposalsList } from './proposals/list.ts';
import { proposalsWithdraw } from './proposals/withdraw.ts';
import { agentsCommand } from './questions/agents.ts';
import { ownersCommand, subjectsCommand } from './questions/parties.ts';
import { whoCanCommand } from './questions/who-can.ts';
import { rulesArm } from './rules/arm.ts';
import { rulesList } from './rules/list.ts';
import { runCommand } from './run/run.ts';
import { sealCommand } from './seal/seal.ts';
import { buildCommand } from './serve/build.ts';
import { serveCommand } from './serve/serve.ts';
import { loginCommand } from './sign-in/login.ts';
import { logoutCommand } from './sign-in/logout.ts';
import { whoamiCommand } from './sign-in/whoami.ts';
import { streamsCreate } from './streams/create.ts';
import { streamsList } from './streams/list.ts';
import { streamsRemove } from './streams/remove.ts';
import { streamsDisable, streamsEnable, streamsPause } from './streams/status.ts';
import { streamsVerify } from './streams/verify.ts';
import { tokenInspect } from './token/inspect.ts';
import { tokenWhy } from './token/why.ts';
import { verifiersList } from './verifiers/list.ts';
import { verifiersNew } from './verifiers/new.ts';
import { versionsActivate } from './versions/activate.ts';
import { versionsDiff } from './versions/diff.ts';
import { versionsHistory } from './versions/history.ts';
import { versionsList } from './versions/list.ts';
import { versionsLoad } from './versions/load.ts';
import { versionsRollback } from './versions/rollback.ts';
import { versionsShow } from './versions/show.ts';
import { watermarkCommand } from './watermark/watermark.ts';
import { workflowsList } from './workflows/list.ts';
import { workflowsResume } from './workflows/resume.ts';
import { workflowsRevoke } from './workflows/revoke.ts';
import { workflowsShow } from './workflows/show.ts';
import { workflowsSuspend } from './workflows/suspend.ts';
import { workflowsWatch } from './workflows/watch.ts';

/** Commands for one purpose, as the help lists them. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}

const completionCommand: Command = completionOf(() => COMMANDS);

/** Every command, in the order of the help. A test names one that is missing here. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: 'Begin', commands: [initCommand, devCommand, devToken, checkCommand] },
  { title: 'Run agents', commands: [runCommand, bridgeCommand, connectCommand, headersCommand] },
  { title: 'Sign in as an operator', commands: [loginCommand, logoutCommand, whoamiCommand] },
  {
    title: 'Find and stop workflows',
    commands: [
      ...[workflowsList, workflowsShow, workflowsWatch],
      ...[workflowsSuspend, workflowsResume, workflowsRevoke],
      ...[whoCanCommand, agentsCommand, subjectsCommand, ownersCommand],
      ...[denyAdd, denyList, denyLift, watermarkCommand],
      ...[rulesList, rulesArm, verifiersList],
      ...[killNewKey, killSign, killVerify, drillCommand, drillRuns],
    ],
  },
  {
    title: 'Answer approval requests',
    commands: [
      ...[approvalsList, approvalsShow, approvalsApprove, approvalsRefuse],
      ...[approvalsAnswers, approvalsSuggest],
    ],
  },
  {
    title: 'Confirm orders of another person',
    commands: [proposalsList, proposalsConfirm, proposalsWithdraw],
  },
  {
    title: 'Pass on what an operator may do',
    commands: [
      ...[operatorsGrant, operatorsNarrow, operatorsKey, operatorsHandOn, operatorsAccept],
      ...[operatorsList, operatorsStop, operatorsSessions, operatorsEndSession],
      ...[operatorsPasskeys, operatorsRemovePasskey],
    ],
  },
  { title: 'Explain a capability', commands: [tokenInspect, tokenWhy] },
  {
    title: 'Read and prove the audit log',
    commands: [
      ...[auditTail, auditSearch, auditWhy, auditExport, auditIncident],
      ...[auditReceipt, auditVerify, auditFiles, auditReindex, auditCompare],
      ...[auditErase, auditHold, auditHolds, auditRelease],
      ...[feedStatus, feedExport, feedVerify],
    ],
  },
  {
    title: 'Change what is allowed',
    commands: [
      ...[policyDraft, policyTest, policyExplain, policyDiff, policyRecord],
      ...[observeReport, observeLearn],
      ...[catalogueImport, catalogueCheck, catalogueDiff],
      ...[versionsList, versionsShow, versionsHistory, versionsDiff],
      ...[versionsLoad, versionsActivate, versionsRollback],
    ],
  },
  {
    title: 'Tell people and other systems',
    commands: [
      ...[notificationsList, notificationsTest],
      ...[streamsList, streamsCreate, streamsVerify],
      ...[streamsPause, streamsEnable, streamsDisable, streamsRemove],
    ],
  },
  {
    title: 'Deploy and keep running',
    commands: [
      ...[deployCommand, doctorCommand, serveCommand, buildCommand],
      ...[backupCommand, restoreCommand],
      ...[keysNew, keysList, keysRotate, keysRetire],
      ...[keysPublished, keysPublish, keysWithdraw, verifiersNew, sealCommand],
    ],
  },
  { title: 'This command', commands: [completionCommand] },
];

export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);
