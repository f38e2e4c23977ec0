// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.contracts;

/** The environment variables in use today, by the service that reads them. */
public final class Variables {
  /** Every service: the port of HTTP or health; default 8080, 0 takes a free one. */
  public static final String HTTP_PORT = "HTTP_PORT";

  /** Every service: the address to listen on; default {@code 0.0.0.0}. */
  public static final String HTTP_HOST = "HTTP_HOST";

  /** RabbitMQ's host name. */
  public static final String RABBIT_HOST = "RABBIT_HOST";

  /** RabbitMQ's port; default 5672. */
  public static final String RABBIT_PORT = "RABBIT_PORT";

  /** RabbitMQ's user. */
  public static final String RABBIT_USER = "RABBIT_USER";

  /** RabbitMQ's password. */
  public static final String RABBIT_PASS = "RABBIT_PASS";

  /** RabbitMQ's virtual host; default {@code /}. */
  public static final String RABBIT_VHOST = "RABBIT_VHOST";

  /** Kafka's bootstrap servers, {@code host:port} and commas. */
  public static final String KAFKA_BROKERS = "KAFKA_BROKERS";

  /** What a Kafka client calls itself. */
  public static final String KAFKA_CLIENT_ID = "KAFKA_CLIENT_ID";

  /** Kafka's SASL user. */
  public static final String KAFKA_SASL_USERNAME = "KAFKA_SASL_USERNAME";

  /** Kafka's SASL password. */
  public static final String KAFKA_SASL_PASSWORD = "KAFKA_SASL_PASSWORD";

  /** Where tu-ingestion-service is. */
  public static final String INGESTION_BASE_URL = "INGESTION_BASE_URL";

  /** A host that INGESTION_BASE_URL may have though it is no funnel's. */
  public static final String INGESTION_ALLOWED_HOST = "INGESTION_ALLOWED_HOST";

  /** The key for {@link Wire.Headers#INTERNAL_ACCESS}. */
  public static final String INTERNAL_AUTH_API_KEY = "INTERNAL_AUTH_API_KEY";

  /** Entra ID's authority host. */
  public static final String AZUREAD_INSTANCE = "AZUREAD__INSTANCE";

  /** The Entra ID tenant. */
  public static final String AZUREAD_TENANTID = "AZUREAD__TENANTID";

  /** The audience that a token must have. */
  public static final String AZUREAD_AUDIENCE = "AZUREAD__AUDIENCE";

  /** The API's client id. */
  public static final String AZUREAD_CLIENTID = "AZUREAD__CLIENTID";

  /** The scope that a token must have; default {@code analysis}. */
  public static final String AUTH_REQUIREDSCOPE = "AUTH__REQUIREDSCOPE";

  private Variables() {}
}
