// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.ingestion;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import okhttp3.Protocol;

/** Runs all arms in one process, in turn, as many rounds as asked for, and reports. */
public final class IngestionBench {
  private static final double SECONDS = 0.15;
  private static final int[] THREADS = {1, 8};
  private static final int WARM_UPS = 3;
  private static final int WARM_UP_CALLS = 3_000;

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
        String.format(Locale.ROOT, "%d rounds of %.2f s, blocking calls, TLS", rounds, SECONDS);
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

  private static void measure(
      ServerProcess server, Protocol protocol, int rounds, Map<Cell, Rounds> cells)
      throws Exception {
    try (Arm okhttp = okhttp(Report.OKHTTP, server, protocol);
        Arm again = okhttp(Report.OKHTTP_AGAIN, server, protocol);
        Arm ours =
            new FabricArm(Wire.http(server.trust(), protocol), server.base(), UploadServer.KEY);
        Arm retrofit =
            new RetrofitArm(Wire.http(server.trust(), protocol), server.base(), UploadServer.KEY)) {
      List<Arm> arms = List.of(okhttp, ours, again, retrofit);
      for (Cell.Call call : Cell.Call.values()) {
        for (int threads : THREADS) {
          Cell cell = new Cell(protocol.toString(), call, threads);
          cells.put(cell, measure(cell, arms, rounds));
        }
      }
    }
  }

  /** The arms by turns, each round beginning with another one, all with the same count. */
  private static Rounds measure(Cell cell, List<Arm> arms, int rounds) throws Exception {
    Rounds measured = new Rounds();
    try (Load load = new Load(cell)) {
      double perSecond = 0;
      for (int i = 0; i < WARM_UPS; i++) {
        for (Arm arm : arms) {
          perSecond = load.run(arm, WARM_UP_CALLS / cell.threads()).perSecond();
        }
      }
      int callsEach = (int) (SECONDS * perSecond / cell.threads());
      List<Arm> turned = new ArrayList<>(arms);
      for (int round = 0; round < rounds; round++) {
        for (Arm arm : turned) {
          measured.add(arm.name(), load.run(arm, callsEach));
        }
        Collections.rotate(turned, 1);
      }
    }
    return measured;
  }

  private static Arm okhttp(String name, ServerProcess server, Protocol protocol) {
    return new OkHttpArm(
        name, Wire.http(server.trust(), protocol), server.base(), UploadServer.KEY);
  }
}
