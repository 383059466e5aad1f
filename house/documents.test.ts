import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { plant } from './planted.ts';
import { judgeLinks, judgeMission } from './rules/documents.ts';
import { judgeLife } from './rules/life.ts';
import { judgeMigrations } from './rules/migrations.ts';
import { judgePathNames } from './rules/names.ts';
import { judgeRooms } from './rules/placement.ts';
import { judgeReadmes } from './rules/sizes.ts';
import { judgeStrangeTexts } from './rules/strange-texts.ts';
import { listPaths, ROOT, readTexts, type TextFile } from './tree.ts';
import { report } from './violation.ts';

const paths = listPaths(ROOT);
const texts = readTexts(ROOT, paths);

const filesOf = (files: Readonly<Record<string, string>>): TextFile[] =>
  Object.entries(files).map(([path, text]) => ({ path, text }));

describe('life of a message', () => {
  const SOUND = {
    'apps/server/src/modules/sms/messages/life.ts': `export const LIFE = [
  { step: 1, name: 'authenticate', module: 'entrypoints/aliyun-rpc' },
  { step: 2, name: 'store', module: 'sms/messages' },
] as const satisfies readonly Step[];`,
    'apps/server/src/entrypoints/aliyun-rpc/routes.ts': '',
    'docs/life-of-a-message.md': `| step | name | module | why |
|---|---|---|---|
| 1 | authenticate | \`entrypoints/aliyun-rpc\` | |
| 2 | **store** | [sms/messages](../apps) | |`,
  };
  const DOCUMENT = 'docs/life-of-a-message.md';
  const TABLE = 'apps/server/src/modules/sms/messages/life.ts';
  const judgePlanted = (files: Readonly<Record<string, string>>) =>
    report(judgeLife(filesOf({ ...SOUND, ...files })));

  it('has the steps of the code', () => {
    expect(report(judgeLife(texts))).toEqual([]);
  });

  it('is green on equal steps, in a table or in a list', () => {
    expect(judgePlanted({})).toEqual([]);
    const list = '1. **authenticate** by `entrypoints/aliyun-rpc`, then\n\n## 2 **store** (`sms/messages`)';
    expect(judgePlanted({ [DOCUMENT]: list })).toEqual([]);
  });

  it('is red on a missing document, table, row or step', () => {
    expect(report(judgeLife([]))).toEqual([`${DOCUMENT}:1 life the document is missing`]);
    expect(report(judgeLife(filesOf({ [DOCUMENT]: '' })))).toEqual([`${TABLE}:1 life the table is missing`]);
    const rows = judgePlanted({ [TABLE]: 'export const LIFE = makeLife();' });
    expect(rows).toEqual([`${TABLE}:1 life LIFE has no rows {step, name, module} of literals`]);
    const short = SOUND[DOCUMENT].split('\n').slice(0, 3).join('\n');
    expect(judgePlanted({ [DOCUMENT]: short })).toEqual([
      `${DOCUMENT}:1 life row 2 store of LIFE is no step here`,
    ]);
    const long = `${SOUND[DOCUMENT]}\n| 3 | expire | sms/messages |`;
    expect(judgePlanted({ [DOCUMENT]: long })).toEqual([
      `${DOCUMENT}:5 life step 3 expire is no row of LIFE`,
    ]);
  });

  it('is red on another name, number, owner and on an owner that is no room', () => {
    const renamed = SOUND[DOCUMENT].replace('**store**', 'keep');
    expect(judgePlanted({ [DOCUMENT]: renamed })).toEqual([
      `${DOCUMENT}:4 life "2 keep (sms/messages)" is "2 store (sms/messages)" in LIFE`,
    ]);
    expect(judgePlanted({ [DOCUMENT]: SOUND[DOCUMENT].replace('sms/messages', 'sms/routing') })).toHaveLength(
      1,
    );
    const skipped = judgePlanted({ [TABLE]: SOUND[TABLE].replace('step: 2', 'step: 3') });
    expect(skipped).toEqual([`${DOCUMENT}:4 life row 3 store of LIFE stands in place 2`]);
    const homeless = {
      [TABLE]: SOUND[TABLE].replace("module: 'sms/messages'", "module: 'sms/cellar'"),
      [DOCUMENT]: SOUND[DOCUMENT].replace('sms/messages', 'sms/cellar'),
    };
    expect(judgePlanted(homeless)).toEqual([
      `${TABLE}:3 life step 2 belongs to sms/cellar, which is no room`,
    ]);
  });
});

describe('links', () => {
  it('lead somewhere', () => {
    expect(report(judgeLinks(texts, paths))).toEqual([]);
  });

  it('are red when they lead nowhere', () => {
    const text = `[file](other.md#part) [up](../README.md) [folder](../apps/) [web](https://example.com) [here](#a)
\`[code](nowhere.md)\`
\`\`\`
[block](nowhere.md)
\`\`\`
[wrong](nowhere.md) and ![picture](../apps/nowhere.png "title")
[reference]: ../nowhere`;
    const files = filesOf({ 'docs/a.md': text, 'docs/other.md': '', 'README.md': '', 'apps/x.ts': '' });
    expect(report(judgeLinks(files, ['docs/a.md', 'docs/other.md', 'README.md', 'apps/x.ts']))).toEqual([
      'docs/a.md:6 link ../apps/nowhere.png does not exist',
      'docs/a.md:6 link nowhere.md does not exist',
      'docs/a.md:7 link ../nowhere does not exist',
    ]);
  });
});

describe('mission', () => {
  const MISSION = 'docs/mission.md';
  const TEST = 'tests/flows/send.test.ts';
  const judgePlanted = (rows: string) =>
    report(judgeMission(filesOf({ [MISSION]: rows }), [TEST, 'tests/notes.md']));

  it('names an existing test for everything that works', () => {
    expect(report(judgeMission(texts, paths))).toEqual([]);
  });

  it('is green on a tested row and on one of which nothing works', () => {
    const head = '| id | what works | test | missing |\n|---|---|---|---|\n';
    expect(judgePlanted(`${head}| A3.1 | SMPP | \`${TEST}\` | TLS |\n| B2 | – | | all |`)).toEqual([]);
  });

  it('is red when it is missing, empty, untested, repeated or names no test', () => {
    expect(report(judgeMission([], []))).toEqual([`${MISSION}:1 mission the document is missing`]);
    expect(judgePlanted('prose')).toHaveLength(1);
    expect(judgePlanted('| A3 | SMPP | | TLS |')).toEqual([
      `${MISSION}:1 mission A3 works and names no test`,
    ]);
    expect(judgePlanted('| A3 | SMPP | `tests/gone.test.ts` | |')).toEqual([
      `${MISSION}:1 mission A3 names tests/gone.test.ts, which is no test file that exists`,
    ]);
    expect(judgePlanted('| A3 | SMPP | `tests/notes.md` | |')).toHaveLength(1);
    expect(judgePlanted(`| A3 | SMPP | \`${TEST}\` | |\n| A3 | – | | |`)).toEqual([
      `${MISSION}:2 mission A3 has a row already`,
    ]);
  });
});

describe('migrations', () => {
  const at = (name: string) => `apps/server/src/db/migrations/${name}`;

  it('are numbered', () => {
    expect(report(judgeMigrations(paths))).toEqual([]);
  });

  it('are red with a gap, a number twice, another name, or when there is none', () => {
    const first = at('0001_create_roles.sql');
    expect(judgeMigrations([first, at('0002_add_column_to_message.sql')])).toEqual([]);
    const lines = (...names: string[]) => judgeMigrations(names.map(at)).map(({ reason }) => reason);
    expect(lines('0001_create_roles.sql', '0003_create_message.sql')).toEqual(['its number is 0002']);
    expect(lines('0001_create_roles.sql', '0001_create_message.sql')).toEqual(['its number is 0002']);
    expect(lines('0001_roles.sql')).toEqual(['it is not named NNNN_verb_noun.sql']);
    expect(lines('0001-create-roles.sql')).toEqual(['it is not named NNNN_verb_noun.sql']);
    expect(lines()).toEqual(['there is no migration']);
  });
});

describe('names and places of files', () => {
  it('hold', () => {
    expect(report([...judgePathNames(paths), ...judgeRooms(texts), ...judgeReadmes(texts)])).toEqual([]);
  });

  it.each(['common/a.ts', 'a/Shared/b.ts', 'a/helpers.ts', 'utils.test.ts', 'core.ts', 'lib/x', 'misc.md'])(
    'is red on the path %s',
    (path) => {
      expect(judgePathNames([`packages/${path}`])).toHaveLength(1);
      expect(judgePathNames(['packages/score/library.ts'])).toEqual([]);
    },
  );

  it('are red on code in db and on a file beside the modules', () => {
    const db = 'apps/server/src/db';
    const kept = filesOf({
      [`${db}/tenant-rules.sql`]: '',
      [`${db}/rows.generated.ts`]: '',
      [`${db}/rows.test.ts`]: '',
    });
    expect(judgeRooms(kept)).toEqual([]);
    expect(report(judgeRooms(filesOf({ [`${db}/query.ts`]: '' })))).toHaveLength(1);
    expect(report(judgeRooms(filesOf({ 'apps/server/src/modules/sms/life.ts': '' })))).toHaveLength(1);
  });

  it('are red on a room without README and on a long one', () => {
    const room = 'apps/server/src/modules/sms/messages';
    expect(report(judgeReadmes(filesOf({ [`${room}/public.ts`]: '' })))).toHaveLength(1);
    expect(
      judgeReadmes(filesOf({ [`${room}/public.ts`]: '', [`${room}/README.md`]: 'a\n'.repeat(20) })),
    ).toEqual([]);
    expect(report(judgeReadmes(filesOf({ [`${room}/README.md`]: 'a\n'.repeat(21) })))).toHaveLength(1);
  });
});

describe('strange texts', () => {
  it('are nowhere', () => {
    expect(report(judgeStrangeTexts(texts))).toEqual([]);
  });

  it.each([
    ['registry-host', ['https://registry', 'npmjs', 'org/x.tgz'].join('.')],
    ['registry-host', ['https://npm.example', 'artifactory/api/npm/all'].join('/')],
    ['machine-path', `cd ${['', 'work', 'main'].join('/')}`],
    ['machine-path', `"${['', 'root', 'x'].join('/')}"`],
  ])('%s is red on %s', (rule, text) => {
    expect(report(judgeStrangeTexts(filesOf({ 'docs/a.md': `first\n${text}` })))[0]).toMatch(
      `docs/a.md:2 ${rule} `,
    );
  });

  it('are not relative paths or addresses', () => {
    const text = ['apps', 'root', 'x.ts and https://example.com', 'work', 'x and ../work', 'y'].join('/');
    expect(judgeStrangeTexts(filesOf({ 'docs/a.md': text }))).toEqual([]);
  });
});

it('reads tracked and untracked files, and no ignored, binary or deleted one', () => {
  using tree = plant({
    '.gitignore': 'ignored.ts\n',
    'a.ts': 'text',
    'ignored.ts': '',
    'b.bin': '\0',
    'deep/c.md': '',
  });
  execFileSync('git', ['init', '--quiet'], { cwd: tree.root });
  const listed = listPaths(tree.root);
  expect(listed).toEqual(['.gitignore', 'a.ts', 'b.bin', 'deep/c.md']);
  expect(readTexts(tree.root, listed).map(({ path }) => path)).toEqual(['.gitignore', 'a.ts', 'deep/c.md']);
});
