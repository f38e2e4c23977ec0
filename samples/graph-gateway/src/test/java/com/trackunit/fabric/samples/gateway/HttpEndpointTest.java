// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** GraphQL over HTTP, as its specification and the audits of npm graphql-http have it. */
final class HttpEndpointTest {
  private static final GatewayFixture gateway = new GatewayFixture();

  @AfterAll
  static void close() {
    gateway.close();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "application/graphql-response+json | application/graphql-response+json",
        "application/json | application/json",
        "*/* | application/json",
        "text/html, application/json;q=0.5 | application/json",
        "application/json;q=0.5, application/graphql-response+json"
            + "|application/graphql-response+json",
        "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8"
            + "|application/graphql-response+json"
      })
  void theClientChoosesTheMediaType(String accept, String expected) {
    HttpResponse<String> response = gateway.send(posted(GatewayFixture.PING, accept));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValue(expected + "; charset=utf-8");
  }

  @Test
  void withoutAcceptTheAnswerIsJson() {
    HttpRequest request =
        HttpRequest.newBuilder(gateway.uri("/graphql"))
            .header("Content-Type", "application/json; charset=utf-8")
            .POST(HttpRequest.BodyPublishers.ofString(GatewayFixture.PING))
            .build();
    assertThat(gateway.send(request).headers().firstValue("Content-Type"))
        .hasValue("application/json; charset=utf-8");
  }

  @Test
  void anUnwritableMediaTypeIs406() {
    assertThat(gateway.send(posted(GatewayFixture.PING, "text/html")).statusCode()).isEqualTo(406);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{ \"not a JSON",
        "[]",
        "[{\"query\":\"{ ping }\"}]",
        "{}",
        "null",
        "{\"query\":7}",
        "{\"query\":[\"{ ping }\"]}",
        "{\"query\":\"{ ping }\",\"operationName\":{}}",
        "{\"query\":\"{ ping }\",\"variables\":[]}",
        "{\"query\":\"{ ping }\",\"variables\":\"{}\"}",
        "{\"query\":\"{ ping }\",\"extensions\":0}",
        "{\"query\":\"{ ping }\",\"query\":\"{ ping }\"}",
        "{\"query\":\"{ ping }\"} {}"
      })
  void aBodyThatIsNoGraphqlRequestIs400(String body) {
    HttpResponse<String> response = gateway.send(posted(body, "application/json"));
    assertThat(response.statusCode()).as(response.body()).isEqualTo(400);
    assertThat(GatewayFixture.json(response).path("errors").size()).isEqualTo(1);
  }

  @Test
  void nullParametersCountAsAbsent() {
    String body =
        "{\"query\":\"{ ping }\",\"variables\":null,\"operationName\":null,\"extensions\":null}";
    HttpResponse<String> response = gateway.post(null, body);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(GatewayFixture.json(response).at("/data/ping").asText()).isEqualTo("pong");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "{ 8f31403dfe404bccbb0e835f2629c6a7 }",
        "",
        "query A { ping } query B { ping }",
        "fragment F on Query { ping }"
      })
  void aWrongDocumentIs400OrFor200SakeOfOldClients200(String query) {
    String body = Json.write(java.util.Map.of("query", query));
    HttpResponse<String> current = gateway.send(posted(body, "application/graphql-response+json"));
    assertThat(current.statusCode()).as(current.body()).isEqualTo(400);
    assertThat(GatewayFixture.json(current).has("data")).isFalse();
    assertThat(gateway.send(posted(body, "application/json")).statusCode()).isEqualTo(200);
  }

  @Test
  void aDocumentThatDoesNotFitTheSchemaIs400() {
    HttpResponse<String> response = gateway.query("alice", "{ nosuch }");
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(GatewayFixture.json(response).has("data")).isFalse();
  }

  @Test
  void variablesThatDoNotFitAre400() {
    String body =
        "{\"query\":\"mutation M($n: String!) { startUpload(filename: $n, contentType: \\\"a\\\") "
            + "{ correlationId } }\",\"variables\":{\"n\":null}}";
    HttpResponse<String> response = gateway.post("alice", body);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(GatewayFixture.json(response).has("data")).isFalse();
  }

  @Test
  void queriesMayComeByGetAndMutationsMayNot() {
    HttpResponse<String> ping = gateway.send(got("query=" + encoded("{ ping }")));
    assertThat(ping.statusCode()).isEqualTo(200);
    HttpResponse<String> mutation =
        gateway.send(got("query=" + encoded("mutation { __typename }")));
    assertThat(mutation.statusCode()).isEqualTo(405);
    assertThat(mutation.headers().firstValue("Allow")).hasValue("POST");
    assertThat(gateway.send(got("")).statusCode()).isEqualTo(400);
    assertThat(gateway.send(got("query=" + encoded("{ ping }") + "&variables=7")).statusCode())
        .isEqualTo(400);
    assertThat(gateway.send(got("query=%ff%fe")).statusCode()).isBetween(400, 499);
  }

  @Test
  void otherMethodsAre405() {
    HttpRequest put = gateway.request(null).PUT(HttpRequest.BodyPublishers.ofString("{}")).build();
    HttpResponse<String> response = gateway.send(put);
    assertThat(response.statusCode()).isEqualTo(405);
    assertThat(response.headers().firstValue("Allow")).hasValue("GET, POST");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "text/plain",
        "application/jsonx",
        "application/x-www-form-urlencoded",
        "application/json; charset=utf-16"
      })
  void anotherContentTypeIs415(String type) {
    HttpRequest request =
        HttpRequest.newBuilder(gateway.uri("/graphql"))
            .header("Content-Type", type)
            .POST(HttpRequest.BodyPublishers.ofString(GatewayFixture.PING))
            .build();
    assertThat(gateway.send(request).statusCode()).isEqualTo(415);
  }

  @Test
  void aSubscriptionOverHttpIs400() {
    assertThat(
            gateway.query("alice", "subscription { onAnalysisStarted { objectKey } }").statusCode())
        .isEqualTo(400);
  }

  @Test
  void aBodyBeyondTheLimitIs413AlsoWhereItsLengthIsNotTold() {
    byte[] big = new byte[HttpEndpoint.MAX_BODY * 4];
    HttpRequest told =
        gateway.request(null).POST(HttpRequest.BodyPublishers.ofByteArray(big)).build();
    assertThat(gateway.send(told).statusCode()).isEqualTo(413);
    HttpRequest chunked =
        gateway
            .request(null)
            .POST(
                HttpRequest.BodyPublishers.ofInputStream(
                    () -> new java.io.ByteArrayInputStream(big)))
            .build();
    assertThat(gateway.send(chunked).statusCode()).isEqualTo(413);
  }

  @Test
  void headersMayBe32KibAndNotMore() {
    assertThat(gateway.post("x".repeat(31 * 1024), GatewayFixture.PING).statusCode())
        .isEqualTo(401);
    assertThat(gateway.post("x".repeat(33 * 1024), GatewayFixture.PING).statusCode())
        .isEqualTo(431);
  }

  @Test
  void tooDeepAndTooManyFieldsAreRefused() {
    String deep = "{ a ".repeat(11) + "}".repeat(11);
    assertThat(gateway.query("alice", deep).body()).contains("deeper than 10");
    String wide =
        IntStream.range(0, 201).mapToObj(i -> "a" + i + ": ping").collect(Collectors.joining(" "));
    assertThat(gateway.query("alice", "{ " + wide + " }").body()).contains("more than 200");
    String bomb =
        "{ ...F0 } "
            + IntStream.range(0, 30)
                .mapToObj(
                    i ->
                        "fragment F" + i + " on Query { ...F" + (i + 1) + " ...F" + (i + 1) + " } ")
                .collect(Collectors.joining())
            + "fragment F30 on Query { ping }";
    assertThat(gateway.query("alice", bomb).body()).contains("more than 200");
    String cycle = "{ ...F } fragment F on Query { ...F }";
    assertThat(gateway.query("alice", cycle).statusCode()).isEqualTo(400);
  }

  @Test
  void theSchemaIsNotToldUnlessIntrospectionIsOn() {
    JsonNode closed =
        GatewayFixture.json(gateway.query("alice", "{ __schema { types { name } } }"));
    assertThat(closed.at("/errors/0/extensions/code").asText()).isEqualTo("INTROSPECTION_OFF");
    assertThat(gateway.query("alice", "{ __type(name: \"Upload\") { name } }").body())
        .isEqualTo("{\"data\":{\"__type\":null}}");
    try (GatewayFixture open = new GatewayFixture(SocketLimits.DEFAULT, true)) {
      String query = graphql.introspection.IntrospectionQuery.INTROSPECTION_QUERY;
      JsonNode told = GatewayFixture.json(open.query("alice", query));
      assertThat(told.has("errors")).as(told.toString()).isFalse();
      assertThat(told.at("/data/__schema/mutationType/name").asText()).isEqualTo("Mutation");
    }
  }

  @Test
  void theCorrelationIdOfTheClientIsUsedAndAnswered() {
    String start =
        Json.write(
            java.util.Map.of(
                "query",
                "mutation { startUpload(filename: \"a.jpg\", contentType: \"image/jpeg\") "
                    + "{ correlationId imageUploadPayload { uploadId key putUrl expiresAt } } }"));
    HttpResponse<String> given =
        gateway.send(
            gateway
                .request("alice")
                .header("x-correlation-id", "my-id")
                .POST(HttpRequest.BodyPublishers.ofString(start))
                .build());
    assertThat(given.headers().firstValue("x-correlation-id")).hasValue("my-id");
    JsonNode payload = GatewayFixture.json(given).at("/data/startUpload");
    assertThat(payload.path("correlationId").asText()).isEqualTo("my-id");
    JsonNode upload = payload.path("imageUploadPayload");
    assertThat(upload.path("putUrl").asText()).isEqualTo(RecordingBackend.PUT_URL);
    assertThat(upload.path("expiresAt").asText()).isEqualTo("1970-01-01T00:00:00Z");

    HttpResponse<String> made = gateway.post("alice", start);
    String id = made.headers().firstValue("x-correlation-id").orElseThrow();
    assertThat(GatewayFixture.json(made).at("/data/startUpload/correlationId").asText())
        .isEqualTo(id)
        .hasSize(36);
  }

  @Test
  void confirmTakesTheCorrelationIdFromTheHeader() {
    String confirm =
        Json.write(
            java.util.Map.of(
                "query",
                "mutation { confirmUpload(uploadId: \"u\", bytes: 3, checksum: \"c\") { status } }"));
    HttpResponse<String> response =
        gateway.send(
            gateway
                .request("alice")
                .header("x-correlation-id", "the-way")
                .POST(HttpRequest.BodyPublishers.ofString(confirm))
                .build());
    assertThat(response.body())
        .isEqualTo("{\"data\":{\"confirmUpload\":{\"status\":\"accepted\"}}}");
    assertThat(gateway.backend.calls).contains("confirm u 3 the-way");
  }

  @Test
  void aFailedFieldHasACodeAndNothingInternalLeaks() {
    JsonNode refused =
        GatewayFixture.json(
            gateway.query(
                "alice",
                "mutation { startUpload(filename: \"a\", contentType: \"text/plain\") "
                    + "{ correlationId } }"));
    assertThat(refused.at("/errors/0/extensions/code").asText()).isEqualTo("UPLOAD_REJECTED");
    HttpResponse<String> broken =
        gateway.query(
            "alice",
            "mutation { startUpload(filename: \"boom\", contentType: \"a\") { correlationId } }");
    assertThat(broken.statusCode()).isEqualTo(200);
    assertThat(broken.body()).contains("INTERNAL").doesNotContain("hunter2");
  }

  @Test
  void healthIsServedBesideGraphql() {
    HttpRequest live = HttpRequest.newBuilder(gateway.uri("/health/live")).build();
    HttpRequest ready = HttpRequest.newBuilder(gateway.uri("/health/ready")).build();
    assertThat(gateway.send(live).statusCode()).isEqualTo(200);
    assertThat(gateway.send(ready).statusCode()).isEqualTo(503);
    assertThat(GatewayFixture.json(gateway.send(ready)).path("status").asText()).isEqualTo("DOWN");
    HttpRequest lost = HttpRequest.newBuilder(gateway.uri("/other")).build();
    assertThat(gateway.send(lost).statusCode()).isEqualTo(404);
  }

  private static HttpRequest posted(String body, String accept) {
    return HttpRequest.newBuilder(gateway.uri("/graphql"))
        .header("Content-Type", "application/json")
        .header("Accept", accept)
        .POST(HttpRequest.BodyPublishers.ofString(body))
        .build();
  }

  private static HttpRequest got(String query) {
    return HttpRequest.newBuilder(gateway.uri("/graphql?" + query)).build();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
