// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.benchmarks.auth;

import java.io.IOException;
import java.nio.file.Path;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs all arms, one process each, and reports. */
public final class AuthBench {
  private AuthBench() {}

  /**
   * Runs.
   *
   * @param args where to write the JSON; then, if need be, {@code quick} for a look, not a claim
   */
  public static void main(String[] args) throws RunnerException, IOException {
    boolean isQuick = args.length > 1 && args[1].equals("quick");
    var options =
        new OptionsBuilder()
            .include(TokenBenchmark.class.getName())
            .include(HungRefreshBenchmark.class.getName())
            .forks(1)
            .threads(1)
            .warmupIterations(isQuick ? 2 : 4)
            .warmupTime(TimeValue.seconds(1))
            .measurementIterations(isQuick ? 3 : 6)
            .measurementTime(TimeValue.seconds(1))
            .shouldFailOnError(true)
            .addProfiler(GCProfiler.class)
            .verbosity(isQuick ? VerboseMode.SILENT : VerboseMode.NORMAL)
            .jvmArgsAppend("-Xms512m", "-Xmx512m", "-XX:+UseSerialGC")
            .build();
    Report report = new Report(new Runner(options).run());
    report.print(System.out);
    report.write(Path.of(args[0]));
  }
}
