import type { TextFile } from '../tree.ts';
import type { Violation } from '../violation.ts';

// Put together, so that this file names none itself.
const REGISTRIES = [
  ['registry', 'npmjs', 'org'],
  ['registry', 'yarnpkg', 'com'],
  ['npmmirror', 'com'],
  ['npm', 'pkg', 'github', 'com'],
  ['files', 'pythonhosted', 'org'],
].map((parts) => parts.join('.'));
const PRIVATE_REGISTRY = /\/(?:artifactory|repository)\/[\w./-]*npm/iu;
const MACHINE_PATH = /(?<![\w.~$})\]*-])\/(?:work|root)\/(?=[\w.-])/u;

/** No file names the host of a package registry or a folder of the machine it was written on. */
export function judgeStrangeTexts(files: readonly TextFile[]): Violation[] {
  return files.flatMap(({ path, text }) =>
    text.split('\n').flatMap((content, at) => {
      const found = (rule: string, reason: string) => ({ path, line: at + 1, rule, reason });
      const host = REGISTRIES.find((name) => content.includes(name)) ?? PRIVATE_REGISTRY.exec(content)?.[0];
      return [
        ...(host ? [found('registry-host', `${host}: a clone takes its user's registry`)] : []),
        ...(MACHINE_PATH.test(content)
          ? [found('machine-path', 'an absolute path exists on one machine')]
          : []),
      ];
    }),
  );
}
