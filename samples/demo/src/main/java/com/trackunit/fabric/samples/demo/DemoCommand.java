// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.core.FabricException;
import com.trackunit.fabric.samples.client.PhotoAnswer;
import com.trackunit.fabric.samples.client.TrackunitClient;
import com.trackunit.fabric.samples.client.TrackunitClientException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The command behind {@code script/demo}. Exit codes: 0 for a pass, 1 for a failure, 2 for input
 * that cannot be used; then nothing was started.
 */
final class DemoCommand {
  private static final Duration TIMEOUT = Duration.ofSeconds(60);
  private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

  /** Well within the shortest life of an access token, an hour. */
  private static final Duration TOKEN_RENEWAL = Duration.ofMinutes(30);

  private static final int PASS = 0;
  private static final int FAIL = 1;
  private static final int BAD_INPUT = 2;
  private static final String USAGE =
      "usage: script/demo [--once [PHOTO] | --send PHOTO]   (a JPEG, PNG or WebP file)";

  private final Path root;
  private final Path calledFrom;
  private final PrintStream out;
  private final PrintStream err;

  DemoCommand(Path root, Path calledFrom, PrintStream out, PrintStream err) {
    this.root = root;
    this.calledFrom = calledFrom;
    this.out = out;
    this.err = err;
  }

  /**
   * Runs the command and ends the JVM with its exit code.
   *
   * @param arguments as in the usage
   */
  @SuppressWarnings("SystemOut") // a command's output is its purpose
  public static void main(String[] arguments) {
    Path root = Path.of(System.getProperty("fabric.root", ".")).toAbsolutePath().normalize();
    Path calledFrom = Path.of(System.getProperty("fabric.called-from", "."));
    int exit = new DemoCommand(root, calledFrom, System.out, System.err).run(arguments);
    System.exit(exit);
  }

  int run(String[] arguments) {
    List<String> words = List.of(arguments);
    try {
      if (words.isEmpty()) {
        return stay();
      }
      if (words.get(0).equals("--once") && words.size() <= 2) {
        Optional<Path> photo =
            words.size() == 2 ? Optional.of(path(words.get(1))) : Optional.empty();
        photo.ifPresent(TrackunitClient::checkPhoto);
        return once(photo);
      }
      if (words.get(0).equals("--send") && words.size() == 2) {
        TrackunitClient.checkPhoto(path(words.get(1)));
        return send(path(words.get(1)));
      }
      err.println(USAGE);
      return BAD_INPUT;
    } catch (TrackunitClientException e) {
      err.println("error: " + e.getMessage());
      return e.reason() == TrackunitClientException.Reason.BAD_PHOTO ? BAD_INPUT : FAIL;
    } catch (InvalidPathException e) {
      err.println("error: this locale cannot express the file's name; try LC_ALL=C.UTF-8");
      return BAD_INPUT;
    } catch (FabricException | UncheckedIOException e) {
      err.println("error: " + e.getMessage());
      return FAIL;
    }
  }

  private int once(Optional<Path> photo) {
    Path folder = newFolder();
    try (LocalFabric fabric = start(folder);
        HopObserver observer = HopObserver.start(fabric);
        TrackunitClient client = fabric.client(fabric.login(), 0, 1, TIMEOUT)) {
      Path file = photo.orElseGet(() -> defaultPhoto(folder));
      return new PhotoJourney(out).send(client, file, observer) ? PASS : FAIL;
    }
  }

  /** Runs until the JVM is told to end: Ctrl-C, SIGTERM, or an interrupt of this thread. */
  private int stay() {
    Path folder = newFolder();
    try (LocalFabric fabric = start(folder);
        DemoFile file = DemoFile.claim(root)) {
      onExit(file);
      file.write(FabricFile.of(fabric));
      out.println();
      out.println("Running. Addresses, a token and process ids are in " + file.path());
      out.println("Logs are in " + folder);
      out.println("Send a photo:   script/demo --send PHOTO");
      out.println("Stop:           Ctrl-C");
      watch(fabric, file);
      return PASS;
    }
  }

  /** Starts again what ends, and keeps the file's token and process ids good. */
  private void watch(LocalFabric fabric, DemoFile file) {
    AtomicBoolean isStale = new AtomicBoolean();
    Revival revival =
        new Revival(
            name -> {
              out.println(name + " had ended and was started again");
              isStale.set(true);
            },
            out::println);
    Instant renewal = Instant.now().plus(TOKEN_RENEWAL);
    try {
      while (true) {
        TimeUnit.MILLISECONDS.sleep(LOOK_EVERY.toMillis());
        fabric.revive(revival);
        if (isStale.getAndSet(false) || Instant.now().isAfter(renewal)) {
          isStale.set(!rewrite(fabric, file));
          renewal = Instant.now().plus(TOKEN_RENEWAL);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** False if no token is to be had just now. */
  private static boolean rewrite(LocalFabric fabric, DemoFile file) {
    try {
      file.write(FabricFile.of(fabric));
      return true;
    } catch (TrackunitClientException e) {
      return false;
    }
  }

  private int send(Path photo) {
    Path file = DemoFile.running(root);
    FabricFile running = FabricFile.read(file);
    out.println("Through the demo of " + file);
    TrustStore.read(running.trustStore()).useInThisJvm();
    List<URI> http = running.graphqlHttp();
    try (TrackunitClient client =
        TrackunitClient.builder(http.get(0), renew -> running.secretToken())
            .graphqlWs(running.graphqlWs().get(http.size() - 1))
            .uploadHosts(Set.of("localhost"))
            .build()) {
      PhotoAnswer answer = client.send(photo, out::println);
      out.println("PASS: the answer came with correlation id " + answer.correlationId());
      return PASS;
    }
  }

  private LocalFabric start(Path folder) {
    out.println("Starting; logs are in " + folder);
    LocalFabric fabric = new LocalFabric(root, folder, step -> out.println("  " + step + " ..."));
    onExit(fabric);
    fabric.start();
    return fabric;
  }

  /** The JVM waits for its hooks, so Ctrl-C ends it once everything is stopped. */
  private static void onExit(AutoCloseable part) {
    Runnable close =
        () -> {
          try {
            part.close();
          } catch (Exception e) {
            throw new IllegalStateException("cannot close " + part, e);
          }
        };
    Runtime.getRuntime().addShutdownHook(new Thread(close, "fabric-demo-stop"));
  }

  private Path newFolder() {
    String time =
        DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
            .withZone(ZoneOffset.UTC)
            .format(Instant.now());
    try {
      Path runs = Files.createDirectories(root.resolve("target/demo"));
      return Files.createTempDirectory(runs, "run-" + time + "-");
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write below " + root.resolve("target/demo"), e);
    }
  }

  private static Path defaultPhoto(Path folder) {
    Path photo = folder.resolve("excavator.jpg");
    try (InputStream in = DemoCommand.class.getResourceAsStream("/excavator.jpg")) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks its excavator.jpg");
      }
      Files.copy(in, photo);
      return photo;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + photo, e);
    }
  }

  private Path path(String argument) {
    return calledFrom.resolve(argument).normalize();
  }
}
