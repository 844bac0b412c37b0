/** The server's figures as a text for monitors. */
export interface MetricsPage {
  readonly contentType: string
  read(): Promise<string>
}
