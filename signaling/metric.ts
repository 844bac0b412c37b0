/** Metrics of a registry whose values are read from elsewhere when somebody asks. */
import { Counter, Gauge, type Registry } from 'prom-client'

type Values = Readonly<Record<string, number>>

/** What several processes of one server have of it together. */
export type Together = 'sum' | 'first' | 'min' | 'max'

/** A value that rises and falls. */
export function gauge(
  registry: Registry,
  name: string,
  help: string,
  read: () => number,
  aggregator: Together = 'sum',
): void {
  const collect = () => metric.set(read())
  const metric: Gauge = new Gauge({ name, help, registers: [registry], aggregator, collect })
}

/** The same for several, by a label; its values are of a fixed set. */
export function gauges(
  registry: Registry,
  name: string,
  help: string,
  label: string,
  read: () => Values,
  aggregator: Together = 'sum',
): void {
  const metric: Gauge = new Gauge({
    name,
    help,
    aggregator,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      for (const [value, number] of Object.entries(read())) metric.set({ [label]: value }, number)
    },
  })
}

/** A value that only rises. */
export function counter(registry: Registry, name: string, help: string, read: () => number): void {
  const metric: Counter = new Counter({
    name,
    help,
    registers: [registry],
    collect: () => {
      metric.reset()
      metric.inc(read())
    },
  })
}

/** The same for several, by a label; its values are of a fixed set. */
export function counters(registry: Registry, name: string, help: string, label: string, read: () => Values): void {
  const metric: Counter = new Counter({
    name,
    help,
    labelNames: [label],
    registers: [registry],
    collect: () => {
      metric.reset()
      for (const [value, number] of Object.entries(read())) metric.inc({ [label]: value }, number)
    },
  })
}
