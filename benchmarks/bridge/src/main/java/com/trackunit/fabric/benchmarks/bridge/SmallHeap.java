// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.bridge;

import com.trackunit.fabric.core.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryType;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** Ours in a JVM of its own that has 128 MiB of heap, and ends where it needs more. */
final class SmallHeap implements AutoCloseable {
  private static final String PASSWORD = "BENCH_PASSWORD";
  private static final long PATIENCE_SECONDS = 20;
  private static final double MIB = 1024 * 1024;

  private final Process process;
  private final BufferedReader output;
  private double peakMib = Double.NaN;

  private SmallHeap(Site site, Flow flow, boolean isOnce) throws IOException {
    ProcessBuilder program =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            SmallHeap.class.getName(),
            site.host(),
            String.valueOf(site.port()),
            site.user(),
            site.kafka(),
            String.valueOf(flow.cell().toRabbit()),
            String.valueOf(flow.cell().bytes()),
            String.valueOf(flow.cell().partitions()),
            flow.cell().queueType(),
            flow.topic(),
            flow.queue(),
            flow.id(),
            String.valueOf(isOnce));
    program.environment().put(PASSWORD, site.password().reveal());
    process = program.redirectError(ProcessBuilder.Redirect.INHERIT).start();
    output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  static SmallHeap atLeastOnce(Site site, Flow flow) throws IOException {
    return new SmallHeap(site, flow, false);
  }

  static SmallHeap effectivelyOnce(Site site, Flow flow) throws IOException {
    return new SmallHeap(site, flow, true);
  }

  /** The most that its heap has held, garbage too; after {@link #close}. */
  double peakMib() {
    return peakMib;
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close(); // what the program waits for
      String line = output.readLine();
      if (line == null) {
        throw new IllegalStateException(
            "the bridge with 128 MiB of heap has ended before its time");
      }
      peakMib = Double.parseDouble(line);
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      throw new IllegalStateException("the bridge with 128 MiB of heap has ended: " + e, e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Moves until its input ends, then prints the peak.
   *
   * @param args the site but for the password, the flow, and whether effectively once
   */
  public static void main(String[] args) throws IOException {
    Site site =
        new Site(
            args[0],
            Integer.parseInt(args[1]),
            args[2],
            Secret.of(Objects.requireNonNull(System.getenv(PASSWORD), PASSWORD)),
            args[3]);
    Cell cell =
        new Cell(
            Boolean.parseBoolean(args[4]),
            Integer.parseInt(args[5]),
            Integer.parseInt(args[6]),
            args[7]);
    Flow flow = new Flow(cell, args[8], args[9], args[10]);
    FabricArm arm =
        Boolean.parseBoolean(args[11])
            ? FabricArm.effectivelyOnce(site, flow)
            : FabricArm.atLeastOnce(site, flow);
    try (arm) {
      while (System.in.read() >= 0) {
        // until whoever started it closes, or dies
      }
    }
    long peak =
        ManagementFactory.getMemoryPoolMXBeans().stream()
            .filter(pool -> pool.getType() == MemoryType.HEAP)
            .mapToLong(pool -> pool.getPeakUsage().getUsed())
            .sum();
    System.out.println(peak / MIB);
    System.exit(0);
  }
}
