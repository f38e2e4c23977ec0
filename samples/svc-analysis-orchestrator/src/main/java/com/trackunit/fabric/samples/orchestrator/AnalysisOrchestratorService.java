// SPDX-License-Identifier: Apache-2.0
package com.trackunit.fabric.samples.orchestrator;

import com.trackunit.fabric.messaging.RabbitSettings;
import com.trackunit.fabric.samples.contracts.BackgroundService;
import com.trackunit.fabric.samples.contracts.Environment;
import com.trackunit.fabric.samples.contracts.RabbitAccess;
import com.trackunit.fabric.samples.contracts.ServiceMain;
import com.trackunit.fabric.samples.contracts.Wire;
import java.util.function.Supplier;

/** The process: {@code RABBIT_*}, {@code HTTP_HOST} and {@code HTTP_PORT} (health only). */
public final class AnalysisOrchestratorService {
  private AnalysisOrchestratorService() {}

  /**
   * Runs until SIGTERM.
   *
   * @param arguments none
   */
  public static void main(String[] arguments) {
    ServiceMain.run(
        Wire.Services.ANALYSIS_ORCHESTRATOR,
        environment ->
            BackgroundService.start(
                Wire.Services.ANALYSIS_ORCHESTRATOR,
                environment,
                AnalysisOrchestratorService::reader));
  }

  /**
   * The service without its process, for {@link BackgroundService#start}.
   *
   * @param environment asked for the settings
   * @return opens the work
   */
  public static Supplier<BackgroundService.Work> reader(Environment environment) {
    Supplier<RabbitAccess> access = RabbitAccess.from(environment);
    return () -> AnalysisOrchestrator.open(settings(access.get()));
  }

  private static RabbitSettings settings(RabbitAccess access) {
    return RabbitSettings.builder(access.host(), access.user(), access.password())
        .port(access.port())
        .virtualHost(access.vhost())
        .connectionName(Wire.Services.ANALYSIS_ORCHESTRATOR)
        .build();
  }
}
