import express from 'express'
import { z } from 'zod'
import pino from 'pino'
import { Kysely } from 'kysely'
import Database from 'better-sqlite3'
const db = new Database(':memory:')
console.log(typeof express(), z.string().parse('x'), typeof pino, typeof Kysely, db.open, performance.now())
