// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.trackunit.fabric.samples.client.Hop.Step;
import com.trackunit.fabric.samples.client.PhotoAnswer;
import com.trackunit.fabric.samples.client.TokenSource;
import com.trackunit.fabric.samples.client.TrackunitClient;
import com.trackunit.fabric.samples.contracts.Wire;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Photos through the whole fabric, each part its own process, while parts of it are killed. */
@Tag("broker")
class FabricEndToEndTest {
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  /** One white pixel. */
  private static final byte[] SMALLEST_JPEG =
      Base64.getDecoder()
          .decode(
              "/9j/4AAQSkZJRgABAQEASABIAAD/2wBDAP//////////////////////////////////////////////////////////"
                  + "////////////////////////////wgALCAABAAEBAREA/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQABPxA=");

  @TempDir static Path folder;

  private static LocalFabric fabric;
  private static HopObserver observer;
  private static TokenSource user;

  @BeforeAll
  static void start() {
    fabric = new LocalFabric(Path.of(System.getProperty("fabric.root")), folder, step -> {});
    fabric.start();
    observer = HopObserver.start(fabric);
    user = fabric.login();
  }

  @AfterAll
  static void stop() {
    try (LocalFabric last = fabric;
        HopObserver first = observer) {
      assertThat(last).isNotNull();
      assertThat(first).isNotNull();
    }
  }

  @ParameterizedTest(name = "started at replica {0}, subscribed at replica {1}")
  @CsvSource({"0,0", "0,1", "1,0", "1,1"})
  void theAnswerReachesTheClientOnEitherReplica(int http, int ws) throws Exception {
    assertPasses(send(jpeg(4_000), http, ws, () -> {}));
  }

  static Stream<Arguments> smallestPhotos() {
    String png = // one transparent pixel
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";
    String webp = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==";
    return Stream.of(
        Arguments.of("small.jpg", SMALLEST_JPEG),
        Arguments.of("small.png", Base64.getDecoder().decode(png)),
        Arguments.of("small.webp", Base64.getDecoder().decode(webp)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("smallestPhotos")
  void theSmallestPhotoTravels(String name, byte[] bytes) throws Exception {
    assertPasses(send(write(name, bytes), 0, 0, () -> {}));
  }

  @Test
  void aPhotoOf20MegabytesTravels() throws Exception {
    assertPasses(send(jpeg(20_000_000), 0, 0, () -> {}));
  }

  @Test
  void aKilledBridgeLosesNothing() throws Exception {
    ServiceProcess bridge = fabric.service(Wire.Services.MESSAGING_BRIDGE);
    assertPasses(
        send(
            jpeg(4_000),
            0,
            1,
            () -> {
              bridge.kill();
              bridge.restart();
            }));
  }

  @Test
  void aKilledOrchestratorLosesNothing() throws Exception {
    ServiceProcess orchestrator = fabric.service(Wire.Services.ANALYSIS_ORCHESTRATOR);
    assertPasses(
        send(
            jpeg(4_000),
            1,
            0,
            () -> {
              orchestrator.kill();
              orchestrator.restart();
            }));
  }

  @Test
  void aKilledRabbitMqLosesNothing() throws Exception {
    assertPasses(
        send(
            jpeg(4_000),
            0,
            1,
            () -> {
              fabric.rabbit().kill();
              fabric.rabbit().restart();
            }));
  }

  /** Sends a photo, and does the damage the moment that its upload is confirmed. */
  private static PhotoAnswer send(Path photo, int http, int ws, Runnable damage) {
    try (TrackunitClient client = fabric.client(user, http, ws, PATIENCE)) {
      return client.send(
          photo,
          hop -> {
            if (hop.step() == Step.UPLOAD_CONFIRMED) {
              damage.run();
            }
          });
    }
  }

  private static void assertPasses(PhotoAnswer answer) {
    Awaitility.await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(Verdict.of(answer, observer.hops(answer.correlationId())).mistakes())
                    .isEmpty());
  }

  /** A valid JPEG of about so many bytes: comments make it longer (ITU-T T.81, B.2.4.5). */
  private static Path jpeg(int bytes) throws IOException {
    ByteArrayOutputStream photo = new ByteArrayOutputStream(bytes);
    photo.write(SMALLEST_JPEG, 0, 2);
    while (bytes - photo.size() > SMALLEST_JPEG.length) {
      int length = Math.min(65_535, bytes - photo.size() - SMALLEST_JPEG.length);
      photo.writeBytes(new byte[] {(byte) 0xFF, (byte) 0xFE, (byte) (length >> 8), (byte) length});
      photo.writeBytes(new byte[length - 2]);
    }
    photo.write(SMALLEST_JPEG, 2, SMALLEST_JPEG.length - 2);
    return write("photo-" + bytes + ".jpg", photo.toByteArray());
  }

  private static Path write(String name, byte[] bytes) throws IOException {
    return Files.write(Files.createTempDirectory(folder, "photo").resolve(name), bytes);
  }
}
