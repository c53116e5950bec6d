#include "control/endpoints.h"

#include <array>

#include "control/account_endpoints.h"
#include "control/asset_endpoints.h"
#include "control/audit_endpoints.h"
#include "control/content_endpoints.h"
#include "control/dependent_endpoints.h"
#include "control/deployment_endpoints.h"
#include "control/domain_endpoints.h"
#include "control/erased_endpoint.h"
#include "control/kv_bulk_endpoints.h"
#include "control/kv_endpoints.h"
#include "control/kv_namespace_endpoints.h"
#include "control/log_endpoints.h"
#include "control/lookup_endpoints.h"
#include "control/member_endpoints.h"
#include "control/openapi.h"
#include "control/route_endpoints.h"
#include "control/schedule_endpoints.h"
#include "control/script_endpoints.h"
#include "control/secret_endpoints.h"
#include "control/settings_endpoints.h"
#include "control/settings_patch.h"
#include "control/tail_endpoints.h"
#include "control/token_endpoints.h"
#include "control/user_endpoints.h"
#include "control/zone_endpoints.h"

namespace caravel::api {
namespace {

Result<Raw> GetOpenApi(Caller&) {
  return Raw{.content_type = "application/json",
             .body = OpenApiDocument(Endpoints())};
}

constexpr Endpoint kGetOpenApi{
    .method = Method::kGet,
    .path = "/openapi.json",
    .scope = Scope::kPublic,
    .summary = "This API as an OpenAPI 3.1 document",
    .handler = &GetOpenApi,
};

constexpr std::array kEndpoints = {
    Erased<kGetOpenApi>(),

    Erased<kGetUser>(),
    Erased<kVerifyUserToken>(),
    Erased<kVerifyAccountToken>(),
    Erased<kListAccounts>(),
    Erased<kGetAccount>(),
    Erased<kListMemberships>(),
    Erased<kPostAccount>(),
    Erased<kPutAccount>(),
    Erased<kDeleteAccount>(),

    Erased<kListTokens>(),
    Erased<kPostToken>(),
    Erased<kListPermissionGroups>(),
    Erased<kGetToken>(),
    Erased<kPutToken>(),
    Erased<kPutTokenValue>(),
    Erased<kDeleteToken>(),
    Erased<kListAudit>(),
    Erased<kListMembers>(),
    Erased<kPostMember>(),
    Erased<kGetMember>(),
    Erased<kPutMember>(),
    Erased<kDeleteMember>(),
    Erased<kListRoles>(),

    Erased<kListScripts>(),
    Erased<kPutScript>(),
    Erased<kDeleteScript>(),
    Erased<kGetService>(),
    Erased<kDeleteService>(),
    Erased<kGetWorker>(),
    Erased<kGetAccountSubdomain>(),

    Erased<kPostUploadSession>(),
    Erased<kPostAssets>(),

    Erased<kListVersions>(),
    Erased<kPostVersion>(),
    Erased<kGetVersion>(),
    Erased<kGetContent>(),
    Erased<kListDeployments>(),
    Erased<kGetDeployment>(),
    Erased<kPostDeployment>(),

    Erased<kListSecrets>(),
    Erased<kGetSecret>(),
    Erased<kPutSecret>(),
    Erased<kDeleteSecret>(),
    Erased<kPatchSecrets>(),
    Erased<kPatchLatestVersion>(),

    Erased<kGetSettings>(),
    Erased<kPatchSettings>(),
    Erased<kGetScriptSettings>(),
    Erased<kPatchScriptSettings>(),
    Erased<kGetSubdomainState>(),
    Erased<kPostSubdomainState>(),
    Erased<kGetSchedules>(),
    Erased<kPutSchedules>(),
    Erased<kListScheduledRuns>(),

    Erased<kPostTail>(),
    Erased<kListTails>(),
    Erased<kDeleteTail>(),
    Erased<kListLogs>(),

    Erased<kListZones>(),
    Erased<kPostZone>(),
    Erased<kGetZone>(),
    Erased<kPatchZone>(),
    Erased<kDeleteZone>(),
    Erased<kListZoneRoutes>(),
    Erased<kPostZoneRoute>(),
    Erased<kGetZoneRoute>(),
    Erased<kPutZoneRoute>(),
    Erased<kDeleteZoneRoute>(),
    Erased<kListWorkerRoutes>(),
    Erased<kPutWorkerRoutes>(),
    Erased<kPostDomainChangeset>(),
    Erased<kPutDomainRecords>(),
    Erased<kListDomains>(),
    Erased<kListDomainRecords>(),
    Erased<kPutDomain>(),
    Erased<kGetDomain>(),
    Erased<kGetDomainRecord>(),
    Erased<kDeleteDomain>(),

    Erased<kGetReferences>(),
    Erased<kListTailProducers>(),
    Erased<kListObjectNamespaces>(),

    Erased<kListKvNamespaces>(),
    Erased<kCreateKvNamespace>(),
    Erased<kGetKvNamespace>(),
    Erased<kRenameKvNamespace>(),
    Erased<kDeleteKvNamespace>(),
    Erased<kListKvKeys>(),
    Erased<kGetKvValue>(),
    Erased<kPutKvValue>(),
    Erased<kDeleteKvValue>(),
    Erased<kGetKvMetadata>(),
    Erased<kPutKvBulk>(),
    Erased<kDeleteKvBulk>(),
    Erased<kPostKvBulkDelete>(),
    Erased<kGetKvBulk>(),
};

}  // namespace

std::span<const EndpointInfo> Endpoints() { return kEndpoints; }

}  // namespace caravel::api
