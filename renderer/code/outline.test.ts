import { describe, expect, it } from 'vitest'
import { outlineOf } from './outline.ts'

/** As `line name` with two spaces per level. */
function told(path: string, text: string): string[] | undefined {
  return outlineOf(path, text)?.map(({ line, name, level, kind }) => `${'  '.repeat(level)}${line} ${kind} ${name}`)
}

describe('outlineOf', () => {
  it('knows TypeScript', () => {
    const text = `import x from 'y'
export interface Shape { a: number }
export type Id = string
export default class Box extends Base {
  private async open(this: Box, a: number): Promise<void> {
    if (a) {
      run(a)
    }
    return wait(() => {
    })
  }
  static get size() {
  }
}
export async function* walk(a) {
const add = (a: number, b: number): number => a + b
export const one = async x => x
const LIMIT = 7
// function notThis() {
enum Colour { Red }
`
    expect(told('a.ts', text)).toEqual([
      '2 type Shape',
      '3 type Id',
      '4 class Box',
      '  5 function open',
      '  12 function size',
      '15 function walk',
      '16 function add',
      '17 function one',
      '20 type Colour',
    ])
  })
  it('knows Python', () => {
    expect(
      told('a.py', 'class A(B):\n    async def go(self):\n        def inner(): pass\n\ndef top():\n  x = define\n'),
    ).toEqual(['1 class A', '  2 function go', '    3 function inner', '5 function top'])
  })
  it('knows Go and Rust', () => {
    expect(told('a.go', 'package a\ntype T struct {\n}\nfunc (t *T) Go() {\nfunc main() {\n')).toEqual([
      '2 type T',
      '4 function Go',
      '5 function main',
    ])
    expect(
      told(
        'a.rs',
        'pub struct S;\nimpl<T> Show for S<T> {\n    pub(crate) async fn go(&self) {}\n}\nmod m;\nmacro_rules! mac {',
      ),
    ).toEqual(['1 class S', '2 class Show for S<T>', '  3 function go', '5 type m', '6 function mac'])
  })
  it('knows Java and C#', () => {
    const text = `package a;
public final class A extends B {
    public static void main(String[] args) {
        if (x) {
        call(a);
    }
    A(int x) {
}
interface I {}
`
    expect(told('A.java', text)).toEqual(['2 class A', '  3 function main', '  7 function A', '9 type I'])
  })
  it('knows C and C++', () => {
    const text = `#include <a.h>
#define MAX(a, b) x
struct point {
  int x;
};
static int add(int a, int b)
{
  return call(a);
  if (a) {
}
void Box::open(int a) {
int proto(int a);
`
    expect(told('a.cpp', text)).toEqual(['2 function MAX', '3 class point', '6 function add', '11 function Box::open'])
  })
  it('knows Ruby, PHP, shell, SQL and CSS', () => {
    expect(told('a.rb', 'module M\n  class C\n    def self.go?\n')).toEqual([
      '1 class M',
      '  2 class C',
      '    3 function self.go?',
    ])
    expect(told('a.php', '<?php\nfinal class C {\n  public static function go() {}\n}\n')).toEqual([
      '2 class C',
      '  3 function go',
    ])
    expect(told('a.sh', 'go() {\nfunction stop {\nif true; then\n')).toEqual(['1 function go', '2 function stop'])
    expect(told('a.sql', 'create table if not exists a (\nCREATE OR REPLACE FUNCTION f()\nselect 1')).toEqual([
      '1 table a',
      '2 function f',
    ])
    expect(told('a.css', '.a > b {\n  color: red;\n}\n@media (x) {\n  i { }\n}')).toEqual([
      '1 rule .a > b',
      '4 rule @media (x)',
      '  5 rule i',
    ])
  })
  it('knows headings, and none in fences', () => {
    const text = '# One\n\n```sh\n# no\n```\n## Two ##\nText\n\nThree\n=====\n- x\n---\n#no\n'
    expect(told('README.md', text)).toEqual(['1 heading One', '  6 heading Two', '9 heading Three'])
  })
  it('gives nothing for what it does not know, and is quick with what is made to be slow', () => {
    expect(told('a.txt', 'function a() {}')).toBeUndefined()
    expect(told('a.ts', '')).toEqual([])
    const slow = `${' '.repeat(200)}${'a '.repeat(49)}(\n`.repeat(3000)
    for (const name of ['a.ts', 'a.java', 'a.c', 'a.css', 'a.sql', 'a.rs', 'a.php']) outlineOf(name, slow)
  }, 20_000)
})
