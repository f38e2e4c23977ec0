// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.trackunit.fabric.core.Secret;
import com.trackunit.fabric.samples.client.TrackunitClientException.Reason;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import mockwebserver3.MockResponse;
import mockwebserver3.RecordedRequest;
import okhttp3.tls.HandshakeCertificates;
import okhttp3.tls.HeldCertificate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrackunitClientTest {
  private static final HeldCertificate CERTIFICATE =
      new HeldCertificate.Builder().addSubjectAlternativeName("localhost").build();
  private static final HandshakeCertificates CERTIFICATES =
      new HandshakeCertificates.Builder()
          .heldCertificate(CERTIFICATE)
          .addTrustedCertificate(CERTIFICATE.certificate())
          .build();

  private final List<Boolean> renewals = new CopyOnWriteArrayList<>();
  private final TokenSource tokens =
      renew -> {
        renewals.add(renew);
        return Secret.of("token-" + renewals.stream().filter(Boolean::booleanValue).count());
      };
  private final List<Hop> hops = new ArrayList<>();

  @TempDir private Path folder;
  private final StandInGateway gateway = new StandInGateway(CERTIFICATES);
  private TrackunitClient client = client(Duration.ofSeconds(30));

  @AfterEach
  void close() {
    client.close();
    gateway.close();
  }

  @Test
  void aPhotoComesBackRecognisedWithAHopForEachStep() throws Exception {
    Path photo = Photos.jpeg(folder);
    PhotoAnswer answer = client.send(photo, hops::add);

    assertThat(answer.objectKey()).isEqualTo(StandInGateway.KEY);
    assertThat(answer.correlationId()).isEqualTo(StandInGateway.CORRELATION);
    assertThat(answer.started().correlationId()).isEqualTo(StandInGateway.CORRELATION);
    assertThat(answer.completed().success()).isTrue();
    assertThat(hops).extracting(Hop::step).containsExactly(Hop.Step.values());
    assertThat(hops).isEqualTo(answer.hops());
    assertThat(hops.get(hops.size() - 1).detail()).contains("Volvo EC220 excavator, 97 % sure");
    // An event may overtake the answer to the confirm; up to there one step follows another.
    assertThat(hops)
        .filteredOn(hop -> hop.step().compareTo(Hop.Step.UPLOAD_CONFIRMED) <= 0)
        .extracting(Hop::at)
        .isSorted();

    RecordedRequest put = put();
    assertThat(put.getMethod()).isEqualTo("PUT");
    assertThat(put.getBody().toByteArray()).isEqualTo(Files.readAllBytes(photo));
    assertThat(headersOf(put)).containsExactlyInAnyOrder("content-type", "content-length", "host");
    assertThat(put.getHeaders().get("Content-Type")).isEqualTo("image/jpeg");

    RecordedRequest confirm = only(gateway.mutations("confirmUpload"));
    assertThat(confirm.getHeaders().get("x-correlation-id")).isEqualTo("c-42");
    assertThat(confirm.getHeaders().get("Authorization")).isEqualTo("Bearer token-0");
    assertThat(confirm.getHeaders().get("traceparent"))
        .isEqualTo(only(gateway.mutations("startUpload")).getHeaders().get("traceparent"));
    assertThat(StandInGateway.body(confirm))
        .contains("\"checksum\":\"sha256:" + sha256(photo) + "\"")
        .contains("\"bytes\":" + Files.size(photo));
  }

  @Test
  void bothSubscriptionsAreKnownBeforeTheUploadIsConfirmed() {
    client.send(Photos.webp(folder), hops::add);

    assertThat(gateway.socketMessages)
        .extracting(message -> message.path("type").asText())
        .startsWith("connection_init", "subscribe", "subscribe", "ping");
    assertThat(gateway.socketMessages.get(1).at("/payload/variables/objectKey").asText())
        .isEqualTo(StandInGateway.KEY);
    assertThat(gateway.requests.stream().filter(r -> r.getHeaders().get("Upgrade") != null))
        .singleElement()
        .satisfies(
            upgrade ->
                assertThat(upgrade.getHeaders().get("Authorization")).isEqualTo("Bearer token-0"));
  }

  @Test
  void twentyMegabytesAreStreamedWithTheirChecksum() throws Exception {
    Path photo = Photos.large(folder, 20 << 20);
    client.send(photo, hops::add);

    assertThat(put().getBodySize()).isEqualTo(20 << 20);
    assertThat(StandInGateway.body(only(gateway.mutations("confirmUpload"))))
        .contains(sha256(photo));
  }

  @Test
  void aTokenRefusedByTheProxyIsRenewedOnce() {
    gateway.http.add(text(403, "Forbidden"));
    client.send(Photos.png(folder), hops::add);

    assertThat(gateway.mutations("startUpload"))
        .extracting(request -> request.getHeaders().get("Authorization"))
        .containsExactly("Bearer token-0", "Bearer token-1");
  }

  @Test
  void aTokenRefusedTwiceMeansSignIn() {
    gateway.http.addAll(List.of(text(403, "Forbidden"), text(401, "")));
    assertThat(failure().reason()).isEqualTo(Reason.SIGN_IN);
    assertThat(gateway.mutations("startUpload")).hasSize(2);
  }

  @Test
  void aGraphqlForbiddenIsFinal() {
    gateway.http.add(
        StandInGateway.graphql("{\"errors\":[{\"message\":\"scope\"}]}")
            .newBuilder()
            .code(403)
            .build());
    assertThat(failure().reason()).isEqualTo(Reason.FORBIDDEN);
    assertThat(gateway.mutations("startUpload")).hasSize(1);
  }

  @Test
  void anErrorOfTheGatewayIsToldInItsWords() {
    gateway.http.add(
        StandInGateway.graphql(
            "{\"errors\":[{\"message\":\"no\\nmore\",\"extensions\":{\"code\":\"BUSY\"}}],\"data\":null}"));
    TrackunitClientException error = failure();
    assertThat(error.reason()).isEqualTo(Reason.REFUSED);
    assertThat(error).hasMessageContaining("no more (BUSY)");
  }

  @Test
  void aProxysPageIsNoGraphqlAnswer() {
    gateway.http.add(text(404, "<html>nothing here"));
    assertThat(failure().reason()).isEqualTo(Reason.PROTOCOL);
    gateway.http.add(text(502, "<html>bad gateway"));
    assertThat(failure().reason()).isEqualTo(Reason.UNREACHABLE);
    gateway.http.add(new MockResponse.Builder().code(302).addHeader("Location", "/x").build());
    assertThat(failure().reason()).isEqualTo(Reason.PROTOCOL);
  }

  @Test
  void aRefusedPutTellsNothingOfTheUrl() {
    gateway.puts.add(text(403, "SignatureDoesNotMatch"));
    TrackunitClientException error = failure();
    assertThat(error.reason()).isEqualTo(Reason.PROTOCOL);
    assertThat(error.toString()).contains("localhost").doesNotContain("SIGNATURE");
    assertThat(gateway.mutations("confirmUpload")).isEmpty();
  }

  @Test
  void aUrlThatSignsUnknownHeadersIsNotUsed() {
    gateway.signedHeaders = "host;x-amz-meta-owner";
    assertThat(failure().reason()).isEqualTo(Reason.PROTOCOL);
  }

  @Test
  void aHostThatIsNotListedGetsNoPhoto() {
    client.close();
    client =
        TrackunitClient.builder(gateway.httpUrl(), tokens)
            .graphqlWs(gateway.wsUrl())
            .uploadHosts(Set.of("store.example"))
            .build();
    TrackunitClientException error = failure();
    assertThat(error.reason()).isEqualTo(Reason.PROTOCOL);
    assertThat(error.toString()).doesNotContain("SIGNATURE");
    assertThat(gateway.requests).noneMatch(request -> request.getMethod().equals("PUT"));
  }

  @Test
  void whenNothingIsAnalysedTheDeadlineEndsTheWaiting() {
    gateway.completed = "{\"success\":true,\"objectKey\":\"images/other.jpg\"}";
    client.close();
    client = client(Duration.ofSeconds(2));
    TrackunitClientException error = failure();
    assertThat(error.reason()).isEqualTo(Reason.TIMEOUT);
    assertThat(error).hasMessageContaining("onAnalysisCompleted");
    assertThat(hops.get(hops.size() - 1).step()).isEqualTo(Hop.Step.ANALYSIS_STARTED);
  }

  @Test
  void aTokenIsNotSentInPlainTextBeyondThisMachine() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrackunitClient.builder(URI.create("http://gateway/graphql"), tokens))
        .withMessageContaining("graphqlHttp");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () ->
                TrackunitClient.builder(URI.create("https://gateway/graphql"), tokens)
                    .graphqlWs(URI.create("ws://gateway/graphql")))
        .withMessageContaining("graphqlWs");
  }

  private TrackunitClient client(Duration timeout) {
    return TrackunitClient.builder(gateway.httpUrl(), tokens)
        .base(StandInGateway.trusting(CERTIFICATES))
        .graphqlWs(gateway.wsUrl())
        .uploadHosts(Set.of(gateway.store.getHostName()))
        .timeout(timeout)
        .build();
  }

  private TrackunitClientException failure() {
    return catchThrowableOfType(
        TrackunitClientException.class, () -> client.send(Photos.jpeg(folder), hops::add));
  }

  private RecordedRequest put() {
    return only(
        gateway.requests.stream().filter(request -> request.getMethod().equals("PUT")).toList());
  }

  private static <T> T only(List<T> list) {
    assertThat(list).hasSize(1);
    return list.get(0);
  }

  private static Set<String> headersOf(RecordedRequest request) {
    return request.getHeaders().names().stream()
        .map(name -> name.toLowerCase(java.util.Locale.ROOT))
        .collect(Collectors.toSet());
  }

  private static MockResponse text(int status, String body) {
    return new MockResponse.Builder()
        .code(status)
        .addHeader("Content-Type", "text/plain")
        .body(body)
        .build();
  }

  private static String sha256(Path file) throws IOException, GeneralSecurityException {
    byte[] digest = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file));
    return HexFormat.of().formatHex(digest);
  }
}
