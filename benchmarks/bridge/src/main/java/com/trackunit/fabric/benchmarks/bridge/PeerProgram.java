// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.core.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;

/**
 * The main loop of a peer that has a process, and a class path, of its own: one order a line, one
 * answer a line. It stays between the cells, so that its code is as warm as the others'.
 */
public final class PeerProgram {
  static final String PASSWORD = "BENCH_PASSWORD";
  static final String DONE = "done";
  static final String STOP = "stop";

  private PeerProgram() {}

  /**
   * Obeys until its input ends, then leaves.
   *
   * @param args what {@link #site} has made of a site
   * @param starter the peer
   * @throws IOException if nobody can be answered
   */
  public static void run(String[] args, Starter starter) throws IOException {
    Site site =
        new Site(
            args[0],
            Integer.parseInt(args[1]),
            args[2],
            Secret.of(Objects.requireNonNull(System.getenv(PASSWORD), PASSWORD)),
            args[3]);
    PrintStream answers = System.out;
    System.setOut(System.err); // what a framework prints is no answer
    BufferedReader orders =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    AutoCloseable running = () -> {};
    String order;
    while ((order = orders.readLine()) != null) {
      try {
        running.close();
        running = order.equals(STOP) ? () -> {} : starter.start(site, flow(order));
        answers.println(DONE);
      } catch (Exception e) {
        e.printStackTrace();
        answers.println(e.toString().lines().findFirst().orElse("failed"));
      }
      answers.flush();
    }
    Runtime.getRuntime().halt(0);
  }

  static List<String> site(Site site) {
    return List.of(site.host(), String.valueOf(site.port()), site.user(), site.kafka());
  }

  static String order(Flow flow) {
    Cell cell = flow.cell();
    return String.join(
        " ",
        String.valueOf(cell.toRabbit()),
        String.valueOf(cell.bytes()),
        String.valueOf(cell.partitions()),
        cell.queueType(),
        flow.topic(),
        flow.queue(),
        flow.id());
  }

  private static Flow flow(String order) {
    String[] words = order.split(" ", -1);
    Cell cell =
        new Cell(
            Boolean.parseBoolean(words[0]),
            Integer.parseInt(words[1]),
            Integer.parseInt(words[2]),
            words[3]);
    return new Flow(cell, words[4], words[5], words[6]);
  }
}
