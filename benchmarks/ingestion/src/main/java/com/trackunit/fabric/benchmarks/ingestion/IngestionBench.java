// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.OkHttpClient;
import okhttp3.Protocol;

/** Runs all arms in one process, by turns of a few calls, and reports. */
public final class IngestionBench {
  /** Of one slice: short beside what else a machine does, long beside a call. */
  private static final double SECONDS = 0.025;

  private static final int MOST_THREADS = 8;
  private static final int WARM_UPS = 30;
  private static final int WARM_UP_CALLS = 50;

  /** The status if nothing could be said about the limits. */
  private static final int BROKEN = 2;

  private IngestionBench() {}

  /**
   * Runs. Ends with status 1 if a limit is missed, 2 if it could not be measured.
   *
   * @param args where to write the JSON, and the number of rounds
   */
  @SuppressWarnings("CatchAndPrintStackTrace") // thrown, it would end with the status of a miss
  public static void main(String[] args) {
    int status = BROKEN;
    try {
      status = run(Path.of(args[0]), Integer.parseInt(args[1]), System.out);
    } catch (Exception e) {
      e.printStackTrace();
    }
    System.exit(status);
  }

  private static int run(Path file, int rounds, PrintStream out) throws Exception {
    String parameters =
        String.format(
            Locale.ROOT, "%d rounds of slices of %.3f s, blocking calls, TLS", rounds, SECONDS);
    out.println(parameters);
    Map<Cell, Rounds> cells = new LinkedHashMap<>();
    try (ServerProcess server = new ServerProcess()) {
      for (Protocol protocol : List.of(Protocol.HTTP_1_1, Protocol.HTTP_2)) {
        measure(server, protocol, rounds, cells);
        out.println("done: " + protocol);
      }
    }
    Report report = new Report(parameters, cells);
    report.print(out);
    report.write(file);
    List<String> missed = report.missed();
    missed.forEach(limit -> System.err.println("missed: " + limit));
    return missed.isEmpty() ? 0 : 1;
  }

  /** All arms use the same connections: one HTTP client, with room for those of all threads. */
  private static void measure(
      ServerProcess server, Protocol protocol, int rounds, Map<Cell, Rounds> cells)
      throws Exception {
    OkHttpClient http = Wire.http(server.trust(), protocol, MOST_THREADS);
    try (Arm okhttp = new OkHttpArm(Report.OKHTTP, http, server.base(), UploadServer.KEY);
        Arm again = new OkHttpArm(Report.OKHTTP_AGAIN, http, server.base(), UploadServer.KEY);
        Arm ours = new FabricArm(http, server.base(), UploadServer.KEY);
        Arm retrofit = new RetrofitArm(http, server.base(), UploadServer.KEY)) {
      Turns turns = new Turns(List.of(okhttp, ours, again), retrofit);
      List<Cell> mine = cells(protocol);
      for (Cell cell : mine) {
        measure(cell, turns, WARM_UPS); // compiles what the cells have in common
      }
      for (Cell cell : mine) {
        cells.put(cell, measure(cell, turns, rounds));
      }
    } finally {
      Wire.close(http);
    }
  }

  private static List<Cell> cells(Protocol protocol) {
    List<Cell> cells = new ArrayList<>();
    for (Cell.Call call : Cell.Call.values()) {
      for (int threads : new int[] {1, MOST_THREADS}) {
        cells.add(new Cell(protocol.toString(), call, threads));
      }
    }
    return cells;
  }

  private static Rounds measure(Cell cell, Turns turns, int rounds) throws Exception {
    Rounds measured = new Rounds();
    try (Load load = new Load(cell)) {
      int calls = WARM_UP_CALLS;
      for (int i = 0; i < WARM_UPS; i++) {
        for (Arm arm : turns.of(0)) {
          calls = (int) (SECONDS * load.run(arm, calls).perSecond());
        }
      }
      for (int round = 0; round < rounds; round++) {
        for (Arm arm : turns.of(round)) {
          measured.add(round, arm.name(), load.run(arm, calls));
        }
      }
    }
    return measured;
  }
}
