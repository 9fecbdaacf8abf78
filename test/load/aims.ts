// What the product aims for, each with the lines of the table that it is about.
import type { Line, Measured } from './results.ts'

interface Aim {
  text: string
  about: (line: Line) => boolean
  measure: (line: Line) => number | undefined
  holds: (measured: number) => boolean
}

export interface Verdict {
  text: string
  measured: number
  met: boolean
}

const atLeast = (wanted: number) => (measured: number) => measured >= wanted
const atMost = (wanted: number) => (measured: number) => measured <= wanted

function ratio(to: (line: Line) => Measured | undefined, part: 'value' | 'cpuMs'): Aim['measure'] {
  return (line) => {
    const other = to(line)
    return other && line.ours[part].median / other[part].median
  }
}

const isListing = (line: Line): boolean => line.what.startsWith('ls-refs')

/** Whole commands of git, by what people sign in with. */
const isCommand = (line: Line): boolean => line.unit === 'commands/s'

const isTreePage = (line: Line): boolean => line.what.startsWith('tree page') && line.variant === 'warm'

/** At most so many milliseconds, whatever the machine. */
function within(ms: number, about: Aim['about']): Aim {
  return {
    text: `<= ${ms} ms`,
    about: (line) => line.unit === 'ms' && about(line),
    measure: (line) => line.ours.value.median,
    holds: atMost(ms),
  }
}

const AIMS: Aim[] = [
  within(30, isTreePage),
  {
    text: '<= 0.05 of git',
    about: isTreePage,
    measure: ratio((line) => line.backend, 'value'),
    holds: atMost(0.05),
  },
  within(100, (line) => line.variant === 'first visit'),
  within(10, (line) => line.what === 'names of a folder, first byte'),
  within(5, (line) => line.variant === 'by X-Render-Time'),
  within(100, (line) => line.what.startsWith('ahead and behind')),
  {
    text: '>= 0.8 of anonymous',
    about: (line) => isCommand(line) && line.variant === 'password',
    measure: ratio((line) => line.base, 'value'),
    holds: atLeast(0.8),
  },
  {
    text: '>= 10x without memory',
    // Of several at once, those who wait share what one of them computes.
    about: (line) => isCommand(line) && line.variant === 'password' && line.clients === 1,
    measure: ratio((line) => line.without, 'value'),
    holds: atLeast(10),
  },
  {
    text: '<= 300 MB',
    about: (line) => line.unit === 'MB' && line.variant !== 'resident',
    measure: (line) => line.ours.value.median,
    holds: atMost(300),
  },
  {
    text: '>= 50x http-backend',
    about: (line) => isListing(line) && line.clients === 8 && line.variant === 'anonymous',
    measure: ratio((line) => line.backend, 'value'),
    holds: atLeast(50),
  },
  {
    text: '>= 1/3 of static',
    about: (line) => isListing(line) && line.clients === 8 && line.variant === 'anonymous',
    measure: ratio((line) => line.limit, 'value'),
    holds: atLeast(1 / 3),
  },
  {
    text: '>= 0.8 of anonymous',
    about: (line) => isListing(line) && line.variant === 'app password',
    measure: ratio((line) => line.base, 'value'),
    holds: atLeast(0.8),
  },
  {
    text: '>= 0.7 of anonymous',
    about: (line) => isListing(line) && line.variant === 'password',
    measure: ratio((line) => line.base, 'value'),
    holds: atLeast(0.7),
  },
  {
    text: 'CPU <= 0.25 of http-backend',
    about: (line) => line.what === 'clone, full' && line.variant === 'repeated',
    measure: ratio((line) => line.backend, 'cpuMs'),
    holds: atMost(0.25),
  },
  {
    text: 'CPU <= 1/20 of http-backend',
    about: (line) => line.what === 'clone, depth 1' && line.variant === 'repeated' && line.repository === 'large',
    measure: ratio((line) => line.backend, 'cpuMs'),
    holds: atMost(1 / 20),
  },
  {
    text: 'wall <= 1.0 of http-backend',
    about: (line) => line.what.startsWith('push'),
    measure: ratio((line) => line.backend, 'value'),
    holds: atMost(1),
  },
]
export function verdicts(line: Line): Verdict[] {
  return AIMS.filter((aim) => aim.about(line)).flatMap((aim) => {
    const measured = aim.measure(line)
    return measured === undefined ? [] : [{ text: aim.text, measured, met: aim.holds(measured) }]
  })
}
