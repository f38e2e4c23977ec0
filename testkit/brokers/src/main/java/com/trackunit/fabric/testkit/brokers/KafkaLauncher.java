// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.PrintStream;
import java.lang.reflect.InvocationTargetException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The main class of a Kafka node's process: formats the storage, unless it is formatted, and runs
 * the broker. Both in one JVM, because a JVM for each doubles the time to start. It runs on the
 * broker's classpath, so it may use nothing but the JDK, and Kafka by name.
 */
final class KafkaLauncher {
  private KafkaLauncher() {}

  /**
   * Runs until the broker is told to leave.
   *
   * @param args the cluster's id, the broker's properties file, and features such as {@code
   *     transaction.version=0}
   */
  public static void main(String[] args) throws ReflectiveOperationException {
    List<String> format = new ArrayList<>();
    Collections.addAll(format, "format", "--ignore-formatted", "-t", args[0], "-c", args[1]);
    for (int i = 2; i < args.length; i++) {
      Collections.addAll(format, "--feature", args[i]);
    }
    Object status =
        Class.forName("kafka.tools.StorageTool")
            .getMethod("execute", String[].class, PrintStream.class)
            .invoke(null, format.toArray(new String[0]), System.out);
    if (!Integer.valueOf(0).equals(status)) {
      throw new InvocationTargetException(null, "formatting the storage: status " + status);
    }
    String[] broker = {args[1]};
    Class.forName("kafka.Kafka").getMethod("main", String[].class).invoke(null, (Object) broker);
  }
}
