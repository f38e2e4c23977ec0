// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.standins;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.trackunit.fabric.core.CorrelationId;
import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.core.TraceParent;
import com.trackunit.fabric.ingestion.CallOptions;
import com.trackunit.fabric.ingestion.IngestionClient;
import com.trackunit.fabric.ingestion.IngestionProtocolException;
import com.trackunit.fabric.ingestion.IngestionUnauthorizedException;
import com.trackunit.fabric.ingestion.IngestionUnavailableException;
import com.trackunit.fabric.ingestion.Photo;
import com.trackunit.fabric.ingestion.RetrySettings;
import com.trackunit.fabric.ingestion.StoredPhoto;
import com.trackunit.fabric.ingestion.UnknownUploadException;
import com.trackunit.fabric.ingestion.Upload;
import com.trackunit.fabric.ingestion.UploadExpiredException;
import com.trackunit.fabric.ingestion.UploadHosts;
import com.trackunit.fabric.ingestion.UploadRejectedException;
import com.trackunit.fabric.ingestion.UploadStep;
import com.trackunit.fabric.samples.contracts.ImageUploaded;
import com.trackunit.fabric.samples.standins.TuIngestionServiceStandIn.Address;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The REST contract, spoken by our own client and by hand; the broker is played by a list. */
final class TuIngestionServiceStandInTest {
  private static final Secret KEY = Secret.of("internal-key");
  private static final CorrelationId ID = new CorrelationId("journey-1");

  private final List<ImageUploaded> published = new CopyOnWriteArrayList<>();
  private final List<Journey> journeys = new CopyOnWriteArrayList<>();
  private final AtomicBoolean isBrokerAway = new AtomicBoolean();
  private final StandInTls tls = StandInTls.selfMade("localhost");
  private final TuIngestionServiceStandIn service =
      TuIngestionServiceStandIn.open(new Address("localhost", 0, 0), tls, KEY, this::publish);
  private final Contract contract = new Contract();
  private final OkHttpClient http = tls.client();
  private final HttpUrl base = HttpUrl.get("https://localhost:" + service.port());
  private final IngestionClient client = client(KEY);

  @AfterEach
  void nothingBrokeTheContract() {
    assertThat(contract.breaches()).isEmpty();
  }

  @AfterEach
  void close() {
    client.close();
    service.close();
    http.connectionPool().evictAll();
    http.dispatcher().executorService().shutdown();
  }

  @Test
  void photoIsStartedPutConfirmedAndPublished() throws IOException {
    TraceParent trace = TraceParent.random();

    Upload upload = client.startUpload("digger.png", "image/png", CallOptions.of(ID).trace(trace));
    assertThat(upload.key())
        .matches("images/\\d{4}/\\d{2}/\\d{2}/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\\.png");
    assertThat(upload.expiresAt())
        .isBetween(Instant.now().plusSeconds(200), Instant.now().plusSeconds(301));
    assertThat(put(upload, Photos.png())).isEqualTo(200);

    assertThat(confirm(upload, Photos.png(), trace)).isEqualTo("accepted");
    assertThat(published)
        .singleElement()
        .satisfies(
            image -> {
              assertThat(image.uploadId()).isEqualTo(UUID.fromString(upload.uploadId()));
              assertThat(image.objectKey()).isEqualTo(upload.key());
              assertThat(image.contentType()).isEqualTo("image/png");
              assertThat(image.bytes()).isEqualTo(Photos.png().length);
              assertThat(image.checksum()).isEqualTo(Photos.checksum(Photos.png()));
            });
    assertThat(journeys).containsExactly(new Journey(ID, Optional.of(trace)));
  }

  @Test
  void wholePhotoGoesThroughTheClientAndFitsTheContract() {
    Photo photo = Photo.ofBytes("digger.png", "image/png", Photos.png());

    UploadStep.Confirmed done =
        client.uploadPhoto(photo, CallOptions.of(ID).trace(TraceParent.random()));

    assertThat(done.photo())
        .isEqualTo(new StoredPhoto(Photos.png().length, Photos.checksum(Photos.png())));
    assertThat(published)
        .singleElement()
        .satisfies(image -> assertThat(image.objectKey()).isEqualTo(done.upload().key()));
    assertThat(contract.seen()).containsExactlyInAnyOrder("startUpload 200", "confirmUpload 202");
  }

  @Test
  void urlThatTheStoreNoLongerTakesIsToldFromAnyOtherRefusal() {
    Photo photo = Photo.ofBytes("digger.png", "image/png", Photos.png());
    Upload upload = client.startUpload("digger.png", "image/png", ID);
    String url = upload.putUrl().toString();
    URI old = URI.create(url.replaceFirst("X-Amz-Date=\\d{8}", "X-Amz-Date=20200101"));
    URI forged = URI.create(url.replaceFirst("X-Amz-Signature=....", "X-Amz-Signature=0000"));

    assertThatThrownBy(() -> client.upload(withUrl(upload, old), photo, CallOptions.of(ID)))
        .isInstanceOf(UploadExpiredException.class);
    assertThatThrownBy(() -> client.upload(withUrl(upload, forged), photo, CallOptions.of(ID)))
        .isInstanceOf(IngestionProtocolException.class)
        .hasMessageContaining("403");
  }

  @Test
  void confirmingTwiceCountsOnce() throws IOException {
    Upload upload = uploaded(Photos.png());

    assertThat(confirm(upload, Photos.png(), null)).isEqualTo("accepted");
    assertThat(confirm(upload, Photos.png(), null)).isEqualTo("accepted");
    assertThat(published).hasSize(1);
  }

  @Test
  void confirmingAgainWithOtherBytesIsRefused() throws IOException {
    Upload upload = uploaded(Photos.png());
    confirm(upload, Photos.png(), null);

    assertThatThrownBy(() -> confirm(upload, new byte[] {1}, null))
        .isInstanceOf(UploadRejectedException.class);
  }

  @Test
  void brokerThatIsAwayIsUnavailableAndConfirmMayBeRepeated() throws IOException {
    Upload upload = uploaded(Photos.png());
    isBrokerAway.set(true);
    assertThatThrownBy(() -> confirm(upload, Photos.png(), null))
        .isInstanceOf(IngestionUnavailableException.class)
        .hasMessageContaining("503 from the service");

    isBrokerAway.set(false);
    assertThat(confirm(upload, Photos.png(), null)).isEqualTo("accepted");
    assertThat(published).hasSize(1);
  }

  @Test
  void nothingInTheStoreIsRefused() {
    Upload upload = client.startUpload("digger.png", "image/png", ID);

    assertThatThrownBy(() -> confirm(upload, Photos.png(), null))
        .isInstanceOfSatisfying(
            UploadRejectedException.class, e -> assertThat(e.errors()).containsKey("uploadId"));
  }

  @Test
  void wrongSizeAndChecksumAreRefusedByName() throws IOException {
    Upload upload = uploaded(Photos.png());

    assertThatThrownBy(() -> confirm(upload, new byte[] {1, 2, 3}, null))
        .isInstanceOfSatisfying(
            UploadRejectedException.class,
            e -> assertThat(e.errors()).containsOnlyKeys("bytes", "checksum"));
    assertThat(published).isEmpty();
  }

  @Test
  void textThatSaysItIsPngIsRefused() throws IOException {
    byte[] text = "not a photo".getBytes(StandardCharsets.UTF_8);
    Upload upload = uploaded(text);

    assertThatThrownBy(() -> confirm(upload, text, null))
        .isInstanceOfSatisfying(
            UploadRejectedException.class,
            e -> assertThat(e.errors()).containsOnlyKeys("contentType"));
  }

  @Test
  void unknownUploadIsTheServicesOwn404() {
    assertThatThrownBy(
            () ->
                client.confirmUpload(
                    UUID.randomUUID().toString(), 1, Photos.checksum(new byte[1]), ID))
        .isInstanceOf(UnknownUploadException.class);
  }

  @Test
  void badInputIsRefusedFieldByField() {
    assertThatThrownBy(() -> client.startUpload(" ", "image/gif", ID))
        .isInstanceOfSatisfying(
            UploadRejectedException.class,
            e -> assertThat(e.errors()).containsOnlyKeys("filename", "contentType"));
    assertThatThrownBy(() -> client.confirmUpload(" ", 0, "md5:00", ID))
        .isInstanceOfSatisfying(
            UploadRejectedException.class,
            e -> assertThat(e.errors()).containsOnlyKeys("uploadId", "bytes", "checksum"));
  }

  @Test
  void bodyThatIsNotAnObjectIsInvalidInput() throws IOException {
    try (Response response = post("/v1/uploads/start", "[1", KEY.reveal())) {
      assertThat(response.code()).isEqualTo(422);
      assertThat(json(response).at("/errors/body/0").isTextual()).isTrue();
    }
  }

  @Test
  void wrongKeyIsUnauthorized() throws IOException {
    try (IngestionClient stranger = client(Secret.of("another-key"))) {
      assertThatThrownBy(() -> stranger.startUpload("digger.png", "image/png", ID))
          .isInstanceOf(IngestionUnauthorizedException.class);
    }
    try (Response response = post("/v1/uploads/start", "{}", null)) {
      assertThat(response.code()).isEqualTo(401);
      assertThat(response.header("Content-Type")).isEqualTo("application/problem+json");
    }
  }

  @Test
  void correlationIdComesBack() throws IOException {
    try (Response response = post("/v1/uploads/start", "{}", KEY.reveal())) {
      assertThat(response.header(CorrelationId.HEADER)).isEqualTo(ID.value());
    }
  }

  @Test
  void healthNeedsNoKeyAndOtherPathsAreTheServicesOwn404() throws IOException {
    assertThat(client.probe().isUp()).isTrue();
    try (Response response = post("/v2/uploads/start", "{}", KEY.reveal())) {
      assertThat(response.code()).isEqualTo(404);
      assertThat(json(response).path("status").intValue()).isEqualTo(404);
    }
    try (Response response = post("/health", "{}", KEY.reveal())) {
      assertThat(response.code()).isEqualTo(405);
      assertThat(response.header("Allow")).isEqualTo("GET");
    }
  }

  @Test
  void endlessRequestIsCut() throws IOException {
    try (Response response = post("/v1/uploads/start", " ".repeat(70_000), KEY.reveal())) {
      assertThat(response.code()).isEqualTo(413);
    }
  }

  private void publish(ImageUploaded image, Journey journey)
      throws UploadedImages.PublishFailedException {
    if (isBrokerAway.get()) {
      throw new UploadedImages.PublishFailedException("away", new IOException("no broker"));
    }
    published.add(image);
    journeys.add(journey);
  }

  private IngestionClient client(Secret key) {
    OkHttpClient watched = http.newBuilder().addInterceptor(contract).build();
    return IngestionClient.builder(URI.create(base.toString()))
        .allowHost("localhost")
        .uploadHosts(UploadHosts.of().andPrivate("localhost"))
        .retry(RetrySettings.none())
        .internalAccessKey(key)
        .httpClient(watched)
        .timeout(Duration.ofSeconds(30))
        .build();
  }

  private static Upload withUrl(Upload upload, URI url) {
    return new Upload(upload.uploadId(), upload.key(), url, upload.expiresAt());
  }

  private Upload uploaded(byte[] photo) throws IOException {
    Upload upload = client.startUpload("digger.png", "image/png", ID);
    assertThat(put(upload, photo)).isEqualTo(200);
    return upload;
  }

  private String confirm(Upload upload, byte[] photo, @Nullable TraceParent trace) {
    return client.confirmUpload(
        upload.uploadId(), photo.length, Photos.checksum(photo), CallOptions.of(ID).trace(trace));
  }

  private int put(Upload upload, byte[] photo) throws IOException {
    Request request =
        new Request.Builder()
            .url(HttpUrl.get(upload.putUrl().toString()))
            .put(RequestBody.create(photo, MediaType.get("image/png")))
            .build();
    try (Response response = http.newCall(request).execute()) {
      return response.code();
    }
  }

  private Response post(String path, String body, @Nullable String key) throws IOException {
    Request.Builder request =
        new Request.Builder()
            .url(base.newBuilder().encodedPath(path).build())
            .header(CorrelationId.HEADER, ID.value())
            .post(RequestBody.create(body, MediaType.get("application/json")));
    if (key != null) {
      request.header("X-Internal-Access", key);
    }
    return http.newCall(request.build()).execute();
  }

  private static JsonNode json(Response response) throws IOException {
    return new ObjectMapper().readTree(response.body().string());
  }
}
