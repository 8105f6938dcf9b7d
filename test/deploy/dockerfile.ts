// A Dockerfile as data: its stages and their instructions, with continued lines joined and arguments of FROM filled in.

/** One instruction. */
export interface Instruction {
  /** `COPY`, in upper case. */
  keyword: string;
  /** `--from=build`, as `{ from: 'build' }`. */
  flags: Record<string, string>;
  /** What follows the flags. */
  text: string;
}

/** What lies between one FROM and the next. */
export interface Stage {
  image: string;
  name?: string;
  instructions: Instruction[];
}

/** Reads the stages in their order. */
export function stagesOf(dockerfile: string): Stage[] {
  const stages: Stage[] = [];
  const defaults: Record<string, string> = {};
  for (const instruction of instructionsOf(dockerfile)) {
    const { keyword, text } = instruction;
    const current = stages.at(-1);
    if (keyword === 'FROM') {
      const [image = '', , name] = text.split(/\s+/);
      stages.push({
        image: image.replaceAll(/\$\{(\w+)\}/g, (_, variable: string) => defaults[variable] ?? ''),
        ...(name === undefined ? {} : { name }),
        instructions: [],
      });
    } else if (current === undefined) {
      const [variable = '', ...value] = text.split('=');
      defaults[variable] = value.join('=');
    } else current.instructions.push(instruction);
  }
  return stages;
}

function instructionsOf(dockerfile: string): Instruction[] {
  return dockerfile
    .split('\n')
    .filter((line) => !line.trim().startsWith('#'))
    .join('\n')
    .replaceAll(/\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, keyword = '', flags = '', text = ''] = /^(\w+)\s+((?:--\S+\s+)*)(.*)$/.exec(line.trim()) ?? [];
      const entries = [...flags.matchAll(/--([\w-]+)=(\S+)/g)].map(([, name = '', value = '']) => [name, value]);
      return { keyword: keyword.toUpperCase(), flags: Object.fromEntries(entries) as Record<string, string>, text };
    });
}
