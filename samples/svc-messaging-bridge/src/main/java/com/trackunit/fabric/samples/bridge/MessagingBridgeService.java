// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.bridge;

import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Wire;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The process: {@code BRIDGE_CONFIG} names its YAML file; without one it is {@code default.yaml},
 * which asks for {@code KAFKA_*} and {@code RABBIT_*}. {@code HTTP_HOST} and {@code HTTP_PORT} are
 * for health only.
 */
public final class MessagingBridgeService {
  private static final String CONFIG = "BRIDGE_CONFIG";
  private static final String DEFAULT = "default.yaml";

  private MessagingBridgeService() {}

  /**
   * Runs until SIGTERM.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    ServiceMain.run(
        Wire.Services.MESSAGING_BRIDGE,
        environment ->
            BackgroundService.start(
                Wire.Services.MESSAGING_BRIDGE, environment, MessagingBridgeService::reader));
  }

  /**
   * The service without its process, for {@link BackgroundService#start}.
   *
   * @param environment asked for the settings
   * @return opens the work
   */
  public static Supplier<BackgroundService.Work> reader(Environment environment) {
    Supplier<Optional<Path>> file =
        environment
            .value(CONFIG, "a file that can be read", MessagingBridgeService::readable)
            .optional();
    Optional<BridgeConfiguration> configuration = read(environment, file);
    return () -> MessagingBridge.open(configuration.orElseThrow());
  }

  private static Optional<BridgeConfiguration> read(
      Environment environment, Supplier<Optional<Path>> file) {
    String name = DEFAULT;
    String text;
    try {
      Optional<Path> chosen = environment.has(CONFIG) ? file.get() : Optional.empty();
      text = chosen.isPresent() ? Files.readString(chosen.get()) : packaged();
      name = chosen.map(Path::toString).orElse(DEFAULT);
    } catch (IllegalStateException mistakeOfTheVariable) {
      return Optional.empty(); // it is among the mistakes already
    } catch (IOException e) {
      environment.mistake(CONFIG + " names a file that is not UTF-8 text");
      return Optional.empty();
    }
    BridgeConfiguration.Result result =
        BridgeConfiguration.read(name, text, variable -> variable(environment, variable));
    result.mistakes().forEach(environment::mistake);
    return result.configuration();
  }

  private static @Nullable String variable(Environment environment, String name) {
    return environment.text(name).optional().get().orElse(null);
  }

  private static Path readable(String name) {
    Path file = Path.of(name);
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException("not readable");
    }
    return file;
  }

  private static String packaged() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(MessagingBridgeService.class.getResourceAsStream(DEFAULT))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
