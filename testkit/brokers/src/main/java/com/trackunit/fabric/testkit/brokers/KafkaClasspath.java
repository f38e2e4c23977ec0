// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.testkit.brokers;

import java.io.File;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The jars of a Kafka broker, found by Maven with the user's own settings and local repository. The
 * answer is kept per version under the user's cache folder, and used again while every file of it
 * is still there.
 */
final class KafkaClasspath {
  private static final String PLUGIN =
      "org.apache.maven.plugins:maven-dependency-plugin:3.11.0:build-classpath";
  private static final Duration RESOLUTION_BOUND = Duration.ofMinutes(10);
  private static final String REMEDY =
      "Install it: apt-get install maven; or give the node's classpath(...) the jars of a broker.";
  private static final Object ONE_AT_A_TIME = new Object();

  /** Kafka logs by SLF4J 1.7 and its broker's POM names no backend for it. */
  private static final String POM =
      """
      <project xmlns="http://maven.apache.org/POM/4.0.0">
        <modelVersion>4.0.0</modelVersion>
        <groupId>com.trackunit.fabric</groupId>
        <artifactId>kafka-broker</artifactId>
        <version>0</version>
        <packaging>pom</packaging>
        <dependencies>
          <dependency>
            <groupId>org.apache.kafka</groupId>
            <artifactId>kafka_2.13</artifactId>
            <version>%s</version>
          </dependency>
          <dependency>
            <groupId>org.slf4j</groupId>
            <artifactId>slf4j-simple</artifactId>
            <version>1.7.36</version>
          </dependency>
        </dependencies>
      </project>
      """;

  private KafkaClasspath() {}

  /** The jars of the broker of that version. */
  static List<Path> of(String version) {
    Path cached = cacheFolder().resolve("kafka-" + version + ".classpath");
    // The lock in the file system is for other JVMs; it cannot be taken twice in one.
    synchronized (ONE_AT_A_TIME) {
      try {
        Files.createDirectories(cached.getParent());
        Path lockFile = cached.resolveSibling("kafka-" + version + ".lock");
        try (FileChannel channel =
                FileChannel.open(lockFile, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            FileLock lock = channel.lock()) {
          List<Path> known = read(cached);
          if (lock.isValid() && !known.isEmpty() && known.stream().allMatch(Files::isReadable)) {
            return known;
          }
          return resolve(version, cached);
        }
      } catch (IOException e) {
        throw new TestkitException(
            "keep the classpath of Kafka in "
                + cached
                + ": "
                + e
                + "; set XDG_CACHE_HOME to a folder that may be written to",
            e);
      }
    }
  }

  private static List<Path> resolve(String version, Path cached) throws IOException {
    Path folder = Folders.create("fabric-kafka-classpath-");
    try {
      Path pom = Folders.writePrivately(folder.resolve("pom.xml"), POM.formatted(version));
      Path answer = folder.resolve("classpath");
      Command.run(
          GuardedProcess.builder(
                  Programs.find("mvn", REMEDY).toString(),
                  "--batch-mode",
                  "--quiet",
                  "--file",
                  pom.toString(),
                  PLUGIN,
                  "-Dmdep.includeScope=runtime",
                  "-Dmdep.outputFile=" + answer,
                  "-Dmdep.pathSeparator=" + File.pathSeparator)
              .name("mvn (resolving Kafka " + version + ")")
              .workingDirectory(folder),
          folder,
          RESOLUTION_BOUND);
      List<Path> jars =
          Stream.of(Files.readString(answer).strip().split(File.pathSeparator, -1))
              .map(Path::of)
              .toList();
      Path fresh = Files.createTempFile(cached.getParent(), "kafka-", ".new");
      Files.write(fresh, jars.stream().map(Path::toString).toList());
      Files.move(fresh, cached, StandardCopyOption.ATOMIC_MOVE);
      return jars;
    } finally {
      Folders.deleteTree(folder);
    }
  }

  private static List<Path> read(Path cached) throws IOException {
    return Files.exists(cached)
        ? Files.readAllLines(cached).stream().map(Path::of).toList()
        : List.of();
  }

  private static Path cacheFolder() {
    @Nullable String cache = System.getenv("XDG_CACHE_HOME");
    Path root =
        cache == null || cache.isEmpty()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return root.resolve("trackunit-fabric");
  }
}
