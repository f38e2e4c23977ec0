// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.demo;

import com.trackunit.fabric.samples.client.DeviceCodeLogin;
import com.trackunit.fabric.samples.client.TokenSource;
import com.trackunit.fabric.samples.client.TrackunitClient;
import com.trackunit.fabric.samples.contracts.Variables;
import com.trackunit.fabric.samples.contracts.Wire;
import com.trackunit.fabric.testkit.brokers.BrokerNode;
import com.trackunit.fabric.testkit.brokers.FreePorts;
import com.trackunit.fabric.testkit.brokers.KafkaNode;
import com.trackunit.fabric.testkit.brokers.RabbitMqNode;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The whole fabric on loopback: real brokers, the stand-ins for what cannot run here, and the
 * reference services, each its own process. Nothing of it outlives {@link #close} or this JVM. Not
 * thread-safe, but for {@link #close}.
 */
final class LocalFabric implements AutoCloseable {
  /** The application ids that the Entra ID stand-in is told of. */
  static final UUID TENANT = UUID.fromString("5d2f4c1e-7a36-4b0e-9c58-2f1de0a7b911");

  static final UUID API_CLIENT = UUID.fromString("0f9b7a64-3c1d-4e2b-8a75-d6c0e19f4b32");
  static final UUID PUBLIC_CLIENT = UUID.fromString("c4e81d2a-96f3-4d07-b1a8-57e3f09c6d14");

  private static final List<String> REPLICAS = List.of("graph-gateway-1", "graph-gateway-2");
  private static final int PARTITIONS = 4;
  private static final String STOPPED = "stopped while it was starting";
  private static final Duration BROKER_START_BOUND = Duration.ofSeconds(60);

  private final Path root;
  private final Path folder;
  private final Consumer<String> progress;
  private final List<CompletableFuture<? extends BrokerNode>> brokers =
      new CopyOnWriteArrayList<>();

  /** What there is to stop, the newest first; guarded by itself, as is {@link #closed}. */
  private final Deque<AutoCloseable> started = new ArrayDeque<>();

  private boolean closed;
  private final Map<String, ServiceProcess> services = new LinkedHashMap<>();
  private final Map<String, Integer> ports = new LinkedHashMap<>();
  private final String internalAccessKey = UUID.randomUUID().toString();
  private @Nullable RabbitMqNode rabbit;
  private @Nullable ServiceUsers users;
  private @Nullable KafkaNode kafka;
  private @Nullable TrustStore trust;

  /**
   * A fabric that is not started yet.
   *
   * @param root the project's folder, with the services built
   * @param folder where logs and settings of this run go
   * @param progress is told what is being waited for, and what went wrong while stopping
   */
  LocalFabric(Path root, Path folder, Consumer<String> progress) {
    this.root = root;
    this.folder = folder;
    this.progress = progress;
  }

  /**
   * Starts everything and waits until every service is ready.
   *
   * @throws RuntimeException if a part does not start, or {@link #close} came in between; what had
   *     started is stopped again
   */
  void start() {
    try {
      startAll();
    } catch (RuntimeException e) {
      boolean isStopped = isClosed();
      close();
      throw isStopped ? new DemoException(STOPPED) : e;
    }
  }

  private void startAll() {
    progress.accept("brokers and Entra ID");
    CompletableFuture<RabbitMqNode> rabbitStart = startBroker(RabbitMqNode::start);
    CompletableFuture<KafkaNode> kafkaStart = startBroker(KafkaNode::start);
    ServiceProcess entra = startEntra();
    kafka = join(kafkaStart);
    kafka.createTopic(Wire.Topics.IMAGES_UPLOADED, PARTITIONS, Map.of());
    kafka.createTopic(Wire.Topics.RECOGNITION_COMPLETED, PARTITIONS, Map.of());
    ServiceProcess ingestion = startIngestion();
    ServiceProcess vision = startVision();
    rabbit = join(rabbitStart);
    users = ServiceUsers.load(root, folder, rabbit);

    progress.accept("services");
    service(
        Wire.Services.ANALYSIS_ORCHESTRATOR,
        jar("svc-analysis-orchestrator"),
        rabbitAccess(Wire.Services.ANALYSIS_ORCHESTRATOR));
    Map<String, String> bridge = rabbitAccess(Wire.Services.MESSAGING_BRIDGE);
    bridge.put(Variables.KAFKA_BROKERS, kafka.bootstrapServers());
    bridge.put(Variables.KAFKA_CLIENT_ID, Wire.Services.MESSAGING_BRIDGE);
    service(Wire.Services.MESSAGING_BRIDGE, jar("svc-messaging-bridge"), bridge);
    List.of(entra, ingestion, vision).forEach(ServiceProcess::awaitReady);
    trust = TrustStore.of(folder, List.of(caFile("entra-id"), caFile("tu-ingestion-service")));
    REPLICAS.forEach(this::startGateway);
    services.values().forEach(ServiceProcess::awaitReady);
  }

  private <N extends BrokerNode> CompletableFuture<N> startBroker(Supplier<N> start) {
    CompletableFuture<N> node = CompletableFuture.supplyAsync(() -> own(start.get()));
    brokers.add(node);
    return node;
  }

  private ServiceProcess startEntra() {
    return service(
        "entra-id",
        standIn("EntraIdStandIn"),
        Map.of(
            "STANDIN_PORT",
            port("entra-id"),
            "STANDIN_CA_FILE",
            caFile("entra-id").toString(),
            "STANDIN_POLL_INTERVAL",
            "PT1S",
            Variables.AZUREAD_TENANTID,
            TENANT.toString(),
            Variables.AZUREAD_CLIENTID,
            API_CLIENT.toString(),
            "CLIENT_ID",
            PUBLIC_CLIENT.toString()));
  }

  private ServiceProcess startIngestion() {
    return service(
        Wire.Services.INGESTION,
        standIn("TuIngestionServiceStandIn"),
        Map.of(
            "STANDIN_PORT",
            port(Wire.Services.INGESTION),
            "STANDIN_S3_PORT",
            port("object-store"),
            "STANDIN_CA_FILE",
            caFile(Wire.Services.INGESTION).toString(),
            Variables.INTERNAL_AUTH_API_KEY,
            internalAccessKey,
            Variables.KAFKA_BROKERS,
            kafka().bootstrapServers()));
  }

  private ServiceProcess startVision() {
    return service(
        Wire.Services.AI_VISION_ADAPTER,
        standIn("VisionServiceStandIn"),
        Map.of(Variables.KAFKA_BROKERS, kafka().bootstrapServers()));
  }

  private void startGateway(String replica) {
    Map<String, String> settings = rabbitAccess(Wire.Services.GRAPH_GATEWAY);
    settings.put(Variables.HTTP_PORT, port(replica));
    settings.put("INSTANCE_NAME", replica);
    settings.put(Variables.INGESTION_BASE_URL, ingestionUrl().toString());
    settings.put(Variables.INGESTION_ALLOWED_HOST, ingestionUrl().getHost());
    settings.put(Variables.INTERNAL_AUTH_API_KEY, internalAccessKey);
    settings.put(Variables.AZUREAD_INSTANCE, entraAuthority().toString());
    settings.put(Variables.AZUREAD_TENANTID, TENANT.toString());
    settings.put(Variables.AZUREAD_AUDIENCE, apiAudience());
    settings.put(Variables.AZUREAD_CLIENTID, API_CLIENT.toString());
    List<String> java = new ArrayList<>(trust().javaArguments());
    java.addAll(jar("graph-gateway"));
    service(replica, java, settings);
  }

  private Map<String, String> rabbitAccess(String service) {
    Map<String, String> access = new LinkedHashMap<>();
    access.put(Variables.RABBIT_HOST, rabbit().host());
    access.put(Variables.RABBIT_PORT, Integer.toString(rabbit().port()));
    access.put(Variables.RABBIT_USER, service);
    access.put(Variables.RABBIT_PASS, required(users).password(service).reveal());
    access.put(Variables.HTTP_HOST, "127.0.0.1");
    access.put(Variables.HTTP_PORT, "0");
    return access;
  }

  private ServiceProcess service(String name, List<String> java, Map<String, String> settings) {
    ServiceProcess process = own(ServiceProcess.start(name, java, settings, folder));
    services.put(name, process);
    return process;
  }

  private <T extends AutoCloseable> T own(T part) {
    synchronized (started) {
      if (!closed) {
        started.push(part);
        return part;
      }
    }
    stop(part);
    throw new DemoException(STOPPED);
  }

  private List<String> jar(String module) {
    return List.of("-jar", target(module).resolve("fabric-" + module + ".jar").toString());
  }

  private List<String> standIn(String mainClass) {
    Path target = target("stand-ins");
    String classPath = target.resolve("fabric-stand-ins.jar") + ":" + target.resolve("lib") + "/*";
    return List.of("-cp", classPath, "com.trackunit.fabric.samples.standins." + mainClass);
  }

  private Path target(String module) {
    return root.resolve("samples").resolve(module).resolve("target");
  }

  private Path caFile(String name) {
    return folder.resolve(name + "-ca.pem");
  }

  private String port(String name) {
    return Integer.toString(ports.computeIfAbsent(name, absent -> FreePorts.next()));
  }

  RabbitMqNode rabbit() {
    return required(rabbit);
  }

  KafkaNode kafka() {
    return required(kafka);
  }

  TrustStore trust() {
    return required(trust);
  }

  Path folder() {
    return folder;
  }

  /** A service by name, to kill it or to start it again. */
  ServiceProcess service(String name) {
    ServiceProcess process = services.get(name);
    if (process == null) {
      throw new IllegalArgumentException("no service " + name + " in " + services.keySet());
    }
    return process;
  }

  /** Signs the demo's user in, as a client does, and as the user approves. */
  DeviceCodeLogin login() {
    trust().useInThisJvm();
    return new DeviceCodeLogin(
        entraAuthority().resolve("/" + TENANT + "/"),
        PUBLIC_CLIENT.toString(),
        apiAudience() + "/analysis",
        new DemoUser(trust().httpClient())::approve,
        Clock.systemUTC());
  }

  /** A client of one replica for HTTP and of another, or the same, for its subscriptions. */
  TrackunitClient client(TokenSource tokens, int httpReplica, int wsReplica, Duration timeout) {
    trust().useInThisJvm();
    return TrackunitClient.builder(graphqlHttp().get(httpReplica), tokens)
        .graphqlWs(graphqlWs().get(wsReplica))
        .uploadHosts(Set.of("localhost"))
        .timeout(timeout)
        .build();
  }

  /** The process id of each service and broker, by name. */
  Map<String, Long> pids() {
    Map<String, Long> pids = new LinkedHashMap<>();
    pids.put("rabbitmq", rabbit().pid());
    pids.put("kafka", kafka().pid());
    services.forEach((name, process) -> pids.put(name, process.pid()));
    return pids;
  }

  List<URI> graphqlHttp() {
    return REPLICAS.stream()
        .map(replica -> URI.create("http://127.0.0.1:" + port(replica) + "/graphql"))
        .toList();
  }

  List<URI> graphqlWs() {
    return REPLICAS.stream()
        .map(replica -> URI.create("ws://127.0.0.1:" + port(replica) + "/graphql"))
        .toList();
  }

  URI ingestionUrl() {
    return URI.create("https://localhost:" + port(Wire.Services.INGESTION));
  }

  URI entraAuthority() {
    return URI.create("https://localhost:" + port("entra-id"));
  }

  static String apiAudience() {
    return "api://" + API_CLIENT;
  }

  /** Begins to start again what has ended, if this is not closed. */
  void revive(Revival revival) {
    if (isClosed()) {
      return;
    }
    revival.look("rabbitmq", rabbit()::isAlive, rabbit()::restart);
    revival.look("kafka", kafka()::isAlive, kafka()::restart);
    services.forEach((name, process) -> revival.look(name, process::isAlive, process::restart));
  }

  /**
   * Stops everything, newest first; what cannot be stopped gently is killed. Another thread may
   * call it while {@link #start} is at work, which then fails.
   */
  @Override
  public void close() {
    synchronized (started) {
      closed = true;
      while (!started.isEmpty()) {
        stop(started.pop());
      }
    }
    brokers.forEach(LocalFabric::awaitEnd);
  }

  /** Waits for a close that has begun. */
  private boolean isClosed() {
    synchronized (started) {
      return closed;
    }
  }

  private void stop(AutoCloseable part) {
    try {
      part.close();
    } catch (Exception e) {
      progress.accept("could not stop " + part + ": " + e);
    }
  }

  /** A broker that is still starting deletes its data once it sees that it is not wanted. */
  private static void awaitEnd(CompletableFuture<? extends BrokerNode> start) {
    try {
      var unused = start.get(BROKER_START_BOUND.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      // Whoever waits for the start is told.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static <T> T required(@Nullable T part) {
    if (part == null) {
      throw new IllegalStateException("not started yet");
    }
    return part;
  }

  private static <T> T join(CompletableFuture<T> start) {
    try {
      return start.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
