import { expect, test } from 'vitest'
import { withoutFarDates } from './check.ts'

const OID = 'ccf527ef243a36d42decd978627321f079fad704'
const dated = (kept: number, real: number): string =>
  `commit date for commit ${OID} in commit-graph is ${kept} != ${real}`
const GENERATION = `commit-graph generation for commit ${OID} is 2820130816 < 16000000001`

test('a date that the commit-graph cannot hold is no damage, and neither is what follows from it', () => {
  expect(withoutFarDates([dated(12_884_132_224, 253_402_300_800), GENERATION])).toEqual([])
})

test('another date than the commit has is damage, and so are generations that follow from no date', () => {
  const near = [dated(1_600_000_000, 1_700_000_000), GENERATION]
  expect(withoutFarDates(near)).toEqual(near)
  const other = dated(12_884_132_225, 253_402_300_800)
  expect(withoutFarDates([other])).toEqual([other])
  const blob = `missing blob ${OID}`
  expect(withoutFarDates([dated(2_820_130_816, 20_000_000_000), blob])).toEqual([blob])
})
